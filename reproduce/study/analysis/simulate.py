"""Applies each procedure to simulated data whose truth is known: how often does it reject, with and without an effect?

The accuracies of a seed in two arms have a part in common, as runs of one seed have; pairing removes it.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from frameworks import FRAMEWORKS
from reproduce.results.__main__ import list_learned, read_published
from reproduce.study.analysis import procedures
from reproduce.study.analysis.procedures import ALPHA
from reproduce.study.analysis.registered import CHAPTER, PAIRS, list_seeds
from reproduce.study.analysis.samples import TOLERANCES
from reproduce.study.analysis.tables import build_table

COMMAND = "python -m reproduce.study simulate"
SIMULATIONS, SEED = 2000, 20261129
TOLERANCE = TOLERANCES["accuracy"]
#: Standard deviations of accuracies: the part that is common to a seed, and the rest of each run.
COMMON, REST = 0.008, 0.008
#: Seeds, and the published renders that they are compared with.
SEEDS, RENDERS = 20, 49
#: Permutations of each simulated test: p is below .05 with a probability of 10 in 201 where runs can be exchanged.
PERMUTATIONS = 200
#: The smallest power of one test that the protocol states, and that of all 15 together.
POWER, POWER_OF_ALL = 0.94, 0.80
PAGE = """# The procedures on simulated data

<!-- made by: {command} -->

Each procedure was applied to {simulations:,} simulated data sets whose truth is known.

- Size: the share of rejections without an effect; for an equivalence test, with a difference as large as the tolerance.
- Power: the share of rejections with an effect; for an equivalence test, without a difference.
- Coverage: the share of intervals that contain the truth.

A size or coverage must be within three standard errors of the nominal value. The size of exact tests, and of Holm with
effects, may be smaller, and a power larger.

Accuracies have a common part of each seed (standard deviation {common}) and a rest ({rest}). Published spreads are the
standard deviations of the book's renders. The protocol states a power of .94 to 1.00 for one test of the frameworks,
and of about .80 for all 15 together.

The exact McNemar test of 20 pairs is weak: it needs six pairs that differ, all in one direction. A permutation test
is exact for two samples of one distribution, and approximate for those with different spreads.

    {command}            # about twenty seconds; seed {seed}
    {command} --check    # exit code 4 if a value is out of bounds or this page is not current

{table}
"""


class Rate(NamedTuple):
    """How often a procedure rejected.

    procedure: its name. situation: the truth. kind: "size", "conservative" (an exact test of counts, whose size is at
    most .05), "coverage" or "power". nominal: the expected share, None for a power that the protocol does not state.
    share: of the simulations.
    """

    procedure: str
    situation: str
    kind: str
    nominal: float | None
    share: float

    def has_passed(self, simulations: int) -> bool:
        """Return whether the share is within three standard errors of the nominal one; lower, or higher, may be good.

        A power may be higher, and the size of an exact test of counts lower.
        """
        if self.nominal is None:
            return True
        bound = 3 * (self.nominal * (1 - self.nominal) / simulations) ** 0.5
        low, high = self.nominal - bound, self.nominal + bound
        return (self.kind == "conservative" or self.share >= low) and (self.kind == "power" or self.share <= high)


def simulate(simulations: int = SIMULATIONS, seed: int = SEED, uses: Any = procedures) -> list[Rate]:
    """Return how often each procedure rejects.

    simulations: of each. seed: of the random numbers. uses: what has the procedures (default: those of the study).
    """
    procedures.speed_up_corrections()
    random = np.random.default_rng(seed)
    functions = _simulate_pairs, _simulate_samples, _simulate_holm, _simulate_counts, _simulate_power_of_all
    return [rate for function in functions for rate in function(random, simulations, uses)]


def draw_arms(random: np.random.Generator, count: int, simulations: int, effect: float) -> tuple[Any, Any]:
    """Return accuracies of two arms with common seeds, one simulation in each column. effect: first minus second."""
    common = random.normal(0.88, COMMON, (count, simulations))
    return (common + random.normal(effect, REST, common.shape), common + random.normal(0, REST, common.shape))


def _simulate_pairs(random: np.random.Generator, simulations: int, uses: Any) -> list[Rate]:
    rates = []
    for count in (SEEDS, 2 * SEEDS):
        first, second = draw_arms(random, count, simulations, 0)
        null = first - second
        rates += [
            Rate("paired t test", f"{count} pairs, no difference", "size", ALPHA,
                 _share(uses.compute_paired_p(null) < ALPHA)),
            Rate("paired t interval", f"{count} pairs, no difference", "coverage", 1 - ALPHA,
                 _share(np.prod(uses.compute_interval(null), axis=0) < 0)),
            Rate("paired TOST", f"{count} pairs, no difference", "power", None,
                 _share(uses.compute_equivalence_p(null, TOLERANCE) < ALPHA))]
        first, second = draw_arms(random, count, simulations, TOLERANCE)
        rates += [
            Rate("paired t test", f"{count} pairs, difference {TOLERANCE}", "power", None,
                 _share(uses.compute_paired_p(first - second) < ALPHA)),
            Rate("paired TOST", f"{count} pairs, difference {TOLERANCE}", "size", ALPHA,
                 _share(uses.compute_equivalence_p(first - second, TOLERANCE) < ALPHA))]
    return rates


def _simulate_samples(random: np.random.Generator, simulations: int, uses: Any) -> list[Rate]:
    """Return rates of TOST of two samples; the smaller has the larger spread, where pooling the variances errs most."""
    rates, permute = [], partial(uses.compute_permutation_p, permutations=PERMUTATIONS)
    for effect, kind, nominal in ((TOLERANCE, "size", ALPHA), (0.0, "power", None)):
        ours = random.normal(0.88 + effect, 1.5 * REST, (SEEDS, simulations))
        others = random.normal(0.88, REST / 2, (RENDERS, simulations))
        rates += [Rate(name, f"{SEEDS} runs, {RENDERS} of a third of the spread, difference {effect:g}", kind, nominal,
                       _share(test(ours, others, TOLERANCE) < ALPHA))
                  for name, test in (("Welch TOST", uses.compute_welch_p), ("permutation TOST", permute))]
    return rates


def _simulate_holm(random: np.random.Generator, simulations: int, uses: Any) -> list[Rate]:
    """Return how often any true null hypothesis is rejected: all are true, or a third is false."""
    rates = []
    for family in (15, 27):
        for false in (0, family // 3):
            ps = random.random((simulations, family))
            ps[:, :false] /= 1e4
            any_true = [min(uses.correct(row)[false:]) < ALPHA for row in ps]
            rates.append(Rate("Holm", f"{family} tests, {false} with an effect", "conservative" if false else "size",
                              ALPHA, _share(any_true)))
    return rates


def _simulate_counts(random: np.random.Generator, simulations: int, uses: Any) -> list[Rate]:
    """Return rates of McNemar, Fisher, Kolmogorov-Smirnov and Wilson."""
    rates = []
    for other, kind, nominal in ((0.15, "conservative", ALPHA), (0.0, "power", None)):
        for count in (SEEDS, 200):
            first, second = (random.random((count, simulations)) < share for share in (0.15, other))
            discordant = zip((first & ~second).sum(0).tolist(), (second & ~first).sum(0).tolist())
            rates.append(Rate("exact McNemar", f"{count} pairs, shares .15 and {other:.2f}", kind, nominal,
                              _share([uses.compute_mcnemar_p(*pair) < ALPHA for pair in discordant])))
        ours, others = random.binomial(SEEDS, 0.15, simulations), random.binomial(RENDERS, other, simulations)
        rates.append(Rate("Fisher", f"{SEEDS} and {RENDERS} runs, shares .15 and {other:.2f}", kind, nominal, _share([
            uses.compute_fisher_p(a, SEEDS, b, RENDERS) < ALPHA for a, b in zip(ours.tolist(), others.tolist())])))
    for shift, kind, nominal in ((0.0, "conservative", ALPHA), (1.0, "power", None)):
        ours, others = random.normal(shift, 1, (simulations, SEEDS)), random.normal(0, 1, (simulations, RENDERS))
        rates.append(Rate("Kolmogorov-Smirnov", f"{SEEDS} and {RENDERS} runs, shifted by {shift:g} deviations", kind,
                          nominal, _share([uses.compute_smirnov_p(*pair) < ALPHA for pair in zip(ours, others)])))
    shares = random.uniform(0.02, 0.5, simulations)  # at one share the coverage of any such interval oscillates
    ends = [uses.compute_share_interval(events, 200) for events in random.binomial(200, shares).tolist()]
    return [*rates, Rate("Wilson interval", "200 runs, shares from .02 to .5", "coverage", 1 - ALPHA,
                         _share([low <= share <= high for share, (low, high) in zip(shares, ends)]))]


def _simulate_power_of_all(random: np.random.Generator, simulations: int, uses: Any) -> list[Rate]:
    """Return the powers of test 1 with the spreads of the published results, of one test and of all together.

    The frameworks' true means are equal, and pairs have nothing in common: the published runs have no seed.
    """
    spreads = {key: float(np.std([float(row["test_accuracy"]) for row in list_learned(rows)], ddof=1))
               for key, rows in read_published().items()}
    success, powers = np.ones(simulations, bool), []
    for name in CHAPTER:
        shape = (len(list_seeds(name)), simulations)
        arms = {framework: random.normal(0, spreads[name, framework], shape) for framework in FRAMEWORKS}
        for first, second in PAIRS:
            passed = uses.compute_equivalence_p(arms[first] - arms[second], TOLERANCE) < ALPHA
            success &= passed
            powers.append(_share(passed))
    return [Rate("test 1, the weakest of 15", "published spreads, no difference", "power", POWER, min(powers)),
            Rate("test 1, all 15", "published spreads, no difference", "power", POWER_OF_ALL, _share(success))]


def build_page(rates: list[Rate]) -> str:
    """Return the page of the simulations as Markdown."""
    table = build_table(["procedure", "truth", "measured", "nominal", "share", "holds"], (
        [rate.procedure, rate.situation, "size, at most" if rate.kind == "conservative" else rate.kind,
         "" if rate.nominal is None else f"{rate.nominal:.2f}", f"{rate.share:.4f}",
         "" if rate.nominal is None else "yes" if rate.has_passed(SIMULATIONS) else "**no**"] for rate in rates))
    return PAGE.format(command=COMMAND, simulations=SIMULATIONS, seed=SEED, common=COMMON, rest=REST, table=table)


def _share(rejected: Any) -> float:
    return float(np.mean(rejected))

