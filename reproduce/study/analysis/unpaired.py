"""Computes the protocol's test 4, the book variant against the published results, and test 5, the stalled runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from frameworks import FRAMEWORKS
from frameworks.chapter import EPOCH
from frameworks.schedule import Constant, Hold
from reproduce.results.__main__ import list_learned
from reproduce.study.analysis import procedures
from reproduce.study.analysis.procedures import ALPHA, Difference
from reproduce.study.analysis.registered import CHAPTER, Counts, finish_counts
from reproduce.study.analysis.samples import FEWEST, SEEDS, TOLERANCES, Run, Study
from reproduce.study.analysis.verdicts import DIFFERENT, EQUIVALENT, NOT_SETTLED, PRELIMINARY
from reproduce.trainer.manifest import compute_json_digest

#: The tolerance of the train loss, as a share of the published mean; larger where the published spread is.
LOSS, LARGE_LOSS = 0.05, 0.10
LARGE = (("cosine", "torch"), ("warmup", "torch"))
NOT_DISTINGUISHABLE = "not distinguishable"
#: Part D: its rates, epochs and seeds.
RATES, STALLED_EPOCHS, STALLED_SEEDS = (0.3, 0.5), 3, range(1000, 1200)


class BookResult(NamedTuple):
    """The runs of a cell against the published renders.

    accuracy, loss: the differences, with Welch's intervals, and p of TOST by permutation (DEVIATIONS, 24); no loss for
    the constant rate. p_loss: of its Kolmogorov-Smirnov test instead.
    bound: the tolerance of the loss in nats.
    """

    names: tuple[str, str]
    runs: int
    dead: int
    renders: int
    dead_renders: int
    p_dead: float
    accuracy: Difference
    accuracy_verdict: str
    loss: Difference | None
    p_loss: float | None
    bound: float
    loss_verdict: str


class Stalled(NamedTuple):
    """Stalled runs of a framework at a rate, with Wilson's 95 % interval of their share. dead: those that are dead."""

    framework: str
    rate: float
    runs: int
    stalled: int
    dead: int
    interval: tuple[float, float]


def compare_with_book(study: Study, published: Mapping[tuple[str, str], list[dict[str, str]]]) -> list[BookResult]:
    """Return test 4 of each cell that has runs. published: the renders by cell."""
    return [_compare_cell((name, framework), runs, published[name, framework])
            for name in CHAPTER for framework in FRAMEWORKS
            if (runs := _list_registered(study, (name, framework)))]


def _compare_cell(cell: tuple[str, str], runs: list[Run], renders: list[dict[str, str]]) -> BookResult:
    learning, alive = list_learned(renders), _list_alive(runs)
    ours = {name: [round(run.outcomes[name], 3) for run in alive] for name in ("accuracy", "loss")}
    theirs = {name: [float(row[column]) for row in learning]
              for name, column in (("accuracy", "test_accuracy"), ("loss", "train_loss"))}
    dead, dead_renders = len(runs) - len(alive), len(renders) - len(learning)
    accuracy = procedures.compare_samples(ours["accuracy"], theirs["accuracy"], TOLERANCES["accuracy"])
    bound = compute_loss_tolerance(cell, theirs["loss"])
    complete, loss, p_loss = len(runs) == len(SEEDS), None, None
    if cell[0] == "constant":
        p_loss = procedures.compute_smirnov_p(ours["loss"], theirs["loss"])
        verdict = _judge(complete, len(alive), p_loss < ALPHA, DIFFERENT, NOT_DISTINGUISHABLE)
    else:
        loss = procedures.compare_samples(ours["loss"], theirs["loss"], bound)
        verdict = _judge(complete, len(alive), _is_rejected(loss), EQUIVALENT, NOT_SETTLED)
    return BookResult(
        cell, len(runs), dead, len(renders), dead_renders,
        procedures.compute_fisher_p(dead, len(runs), dead_renders, len(renders)), accuracy,
        _judge(complete, len(alive), _is_rejected(accuracy), EQUIVALENT, NOT_SETTLED), loss, p_loss,
        bound, verdict)


def compute_loss_tolerance(cell: tuple[str, str], published: Sequence[float]) -> float:
    """Return the tolerance of a cell's train loss in nats. published: the losses of its renders."""
    return (LARGE_LOSS if cell in LARGE else LOSS) * float(np.mean(published))


def _is_rejected(difference: Difference) -> bool:
    """Return whether TOST succeeds; it does not without enough values."""
    return difference.p_equivalence is not None and difference.p_equivalence < ALPHA


def _list_registered(study: Study, cell: tuple[str, str]) -> list[Run]:
    return [run for seed, run in study.list_runs(cell, "printed").items() if seed in SEEDS]


def _list_alive(runs: list[Run]) -> list[Run]:
    return [run for run in runs if not run.dead]


def _judge(complete: bool, size: int, rejected: bool, verdict: str, otherwise: str) -> str:
    return PRELIMINARY if not complete else NOT_SETTLED if size < FEWEST else verdict if rejected else otherwise


def find_stalled_runs(study: Study) -> dict[tuple[str, float], dict[int, Run]]:
    """Return the runs of part D by framework and rate, then by seed; the rate is that of their schedule."""
    digests = {compute_json_digest(Hold(updates=EPOCH, of=Constant(base_lr=rate)).model_dump(mode="json"))[:16]: rate
               for rate in RATES}
    cells: dict[tuple[str, float], dict[int, Run]] = {}
    for (_, framework), runs in sorted(study.runs.get(("described", STALLED_EPOCHS), {}).items()):
        for seed, run in runs.items():
            if seed in STALLED_SEEDS and run.schedule in digests:
                cells.setdefault((framework, digests[run.schedule]), {})[seed] = run
    return cells


def count_stalled_runs(study: Study) -> list[Stalled]:
    """Return the stalled runs of part D, for each framework and rate that has runs."""
    cells = find_stalled_runs(study)
    counted = [(framework, rate, list(cells[framework, rate].values())) for rate in RATES for framework in FRAMEWORKS
               if (framework, rate) in cells]
    return [Stalled(framework, rate, len(runs), stalled := sum(run.stalled for run in runs),
                    sum(run.dead for run in runs), procedures.compute_share_interval(stalled, len(runs)))
            for framework, rate, runs in counted]


def compare_stalled_runs(study: Study) -> list[Counts]:
    """Return the exact McNemar tests between frameworks of part D, with Holm over the 6."""
    cells, counted = find_stalled_runs(study), []
    for rate in RATES:
        for first, second in combinations(FRAMEWORKS, 2):
            left, right = cells.get((first, rate), {}), cells.get((second, rate), {})
            pairs = [(left[seed].stalled, right[seed].stalled) for seed in left if seed in right]
            counted.append(((f"{rate:g}", first, second), len(STALLED_SEEDS),
                            (len(pairs), pairs.count((True, False)), pairs.count((False, True)))))
    return finish_counts(counted)
