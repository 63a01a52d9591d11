"""Measures the tests of means on resampled published results, which are not normal. Exploratory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from frameworks import FRAMEWORKS
from reproduce.results.__main__ import list_learned, read_published
from reproduce.study.analysis import procedures
from reproduce.study.analysis.procedures import ALPHA
from reproduce.study.analysis.samples import TOLERANCES
from reproduce.study.analysis.simulate import PERMUTATIONS
from reproduce.study.analysis.tables import build_table
from reproduce.study.analysis.unpaired import compute_loss_tolerance

SIMULATIONS, SIMULATIONS_OF_SAMPLES, PAIRS = 10_000, 3000, 20
ACCURACY, LOSS = "test accuracy", "train loss"
TEXT = """
## Results that are not normal

Exploratory. The runs are drawn from the published ones of a cell, whose accuracies are skewed. For equivalence tests,
the tolerance is added to one arm, or subtracted. The nominal size is .05.

Pairs: 15 cells, each with {simulations:,} simulations of {pairs} pairs.

{paired}

Two samples (test 4), by Welch's test and by a permutation test of the same statistic: {pairs} runs of ours against as
many as there are renders, each {samples:,} times. Ours are drawn from the same cell, from the same cell with
half the spread, or from that of another framework with the mean of this one. The permutation test is exact if both arms
have one distribution, so it holds in the first case by construction. Where their shapes differ, neither test holds in
every cell. The permutation test draws {permutations} permutations here, {all_permutations:,} in the study. The constant
rate's loss has another test.

{unpaired}
"""
OWN, HALF, OTHER = "the same cell", "half the spread", "another framework"
POWER = "power, no difference"
#: The paired tests: each returns p values of pairs that are drawn by `draw` (the shift of the first mean).
PAIRED: Mapping[str, Callable[[Callable[[float], Any], float], Any]] = {
    "paired t test": lambda draw, tolerance: procedures.compute_paired_p(draw(0) - draw(0)),
    "paired TOST": lambda draw, tolerance: procedures.compute_equivalence_p(draw(tolerance) - draw(0), tolerance),
}
#: The tests of two samples.
UNPAIRED: Mapping[str, Callable[[Any, Any, float], Any]] = {
    "Welch": procedures.compute_welch_p,
    "permutation": partial(procedures.compute_permutation_p, permutations=PERMUTATIONS),
}


class Share(NamedTuple):
    """How often a test rejects.

    test: its name. situation: the outcome, where our runs are from, what is true. cell: experiment, framework.
    """

    test: str
    situation: tuple[str, ...]
    cell: tuple[str, str]
    share: float


def measure_pairs(simulations: int = SIMULATIONS, seed: int = 0) -> list[Share]:
    """Return the size of each paired test for each cell. simulations: of each (default: 10,000). seed: of all."""
    random, tolerance = np.random.default_rng(seed), TOLERANCES["accuracy"]
    return [Share(name, (ACCURACY,), cell, _share(test(
        lambda shift, values=values: random.choice(values, (PAIRS, simulations)) + shift, tolerance)))
        for cell, values in read_values("test_accuracy").items() for name, test in PAIRED.items()]


def measure_samples(simulations: int = SIMULATIONS_OF_SAMPLES, seed: int = 0,
                    only: tuple[str, str] | None = None) -> Iterator[Share]:
    """Yield the sizes and powers of test 4 by Welch and by permutation.

    simulations, seed: as of `measure_pairs`. only: a cell (default: all).
    """
    random = np.random.default_rng(seed)
    for outcome, column in ((ACCURACY, "test_accuracy"), (LOSS, "train_loss")):
        cells = {cell: values for cell, values in read_values(column).items()
                 if outcome == ACCURACY or cell[0] != "constant"}
        for cell, values in ((cell, cells[cell]) for cell in cells if only in (None, cell)):
            tolerance = TOLERANCES["accuracy"] if outcome == ACCURACY else compute_loss_tolerance(cell, list(values))
            sources = [(OWN, values), (HALF, values / 2), *(
                (OTHER, cells[cell[0], name]) for name in FRAMEWORKS if name != cell[1])]
            for source, ours in sources:
                shifts = {"size, ours larger": tolerance, "size, ours smaller": -tolerance} | (
                    {POWER: 0.0} if source == OWN else {})
                for truth, shift in shifts.items():
                    first = random.choice(ours - ours.mean() + values.mean(), (PAIRS, simulations)) + shift
                    second = random.choice(values, (len(values), simulations))
                    for name, test in UNPAIRED.items():
                        yield Share(name, (outcome, source, truth), cell, _share(test(first, second, tolerance)))


def read_values(column: str) -> dict[tuple[str, str], Any]:
    """Return the published values of a column by cell, without the dead runs."""
    return {cell: np.array([float(row[column]) for row in list_learned(rows)])
            for cell, rows in read_published().items()}


def build_section(paired: Iterable[Share], samples: Iterable[Share]) -> str:
    """Return the section of the page: the smallest and the largest size of each test, and cells above the bound."""
    first, second = _group(paired), _group(samples)
    lines = [[name, *_describe(first[key])] for key in first for name in key[:1]]
    others: list[list[object]] = []
    for situation in dict.fromkeys(key[1:] for key in second):
        cells = [second[(name, *situation)] for name in UNPAIRED]
        others.append([*situation, len(cells[0]), *(text for shares in cells for text in _summarize(shares))])
    heads = [text for name in UNPAIRED for text in (
        name, f"cells above {_compute_bound(SIMULATIONS_OF_SAMPLES):.4f}")]
    return TEXT.format(
        simulations=SIMULATIONS, pairs=PAIRS, samples=SIMULATIONS_OF_SAMPLES, permutations=PERMUTATIONS,
        all_permutations=procedures.PERMUTATIONS,
        paired=build_table(["test", "smallest", "largest", f"cells above {_compute_bound(SIMULATIONS):.4f}"], lines),
        unpaired=build_table(["outcome", "ours from", "measured", "cells", *heads], others))


def _group(shares: Iterable[Share]) -> dict[tuple[str, ...], list[Share]]:
    groups: dict[tuple[str, ...], list[Share]] = {}
    for share in shares:
        groups.setdefault((share.test, *share.situation), []).append(share)
    return groups


def _describe(shares: list[Share]) -> list[object]:
    ends = [f"{end.share:.4f} ({' '.join(end.cell).replace('_', ' ')})"
            for end in (choose(shares, key=lambda share: share.share) for choose in (min, max))]
    return [*ends, sum(share.share > _compute_bound(SIMULATIONS) for share in shares)]


def _summarize(shares: list[Share]) -> list[object]:
    values = [share.share for share in shares]
    above = sum(value > _compute_bound(SIMULATIONS_OF_SAMPLES) for value in values)
    return [f"{min(values):.3f} to {max(values):.3f}", "" if shares[0].situation[-1] == POWER else above]


def _compute_bound(simulations: int) -> float:
    """Return the largest size that is within three standard errors of the nominal one."""
    return ALPHA + 3 * (ALPHA * (1 - ALPHA) / simulations) ** 0.5


def _share(ps: Any) -> float:
    return float(np.mean(ps < ALPHA))
