"""Computes the protocol's tests 1, 2, 3 and 6: comparisons of paired runs, with Holm's correction and verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

from frameworks import FRAMEWORKS
from reproduce.study.analysis import verdicts
from reproduce.study.analysis.procedures import compute_mcnemar_p, correct_partly
from reproduce.study.analysis.samples import MORE_SEEDS, SEEDS, Cell, Comparison, Run, Study, compare, count_discordant

#: The chapter's five, and the two that the book does not train with.
CHAPTER = ("constant", "square_root", "multi_factor", "cosine", "warmup")
OTHERS = ("factor", "polynomial")
SCHEDULES = CHAPTER[1:]
#: The experiments with the seeds of part A2.
WIDE = ("constant", "multi_factor")
PAIRS = tuple(combinations(FRAMEWORKS, 2))
LOWERING = dict.fromkeys(SCHEDULES, 0.25) | {"constant": -1.0}


class Statement(NamedTuple):
    """A statement of the chapter: its number, words and outcome; the weights of experiments; the expected sign."""

    number: str
    text: str
    outcome: str
    weights: Mapping[str, float]
    sign: int


STATEMENTS = (
    Statement("S1", "at a constant rate training improves while testing stalls: overfitting", "gap_change",
              {"constant": 1}, 1),
    Statement("S2", "the square root does a bit better than the constant rate", "accuracy",
              {"square_root": 1, "constant": -1}, 1),
    Statement("S3", "the square root's curve is smoother", "roughness", {"square_root": 1, "constant": -1}, -1),
    Statement("S4", "the square root overfits less", "gap", {"square_root": 1, "constant": -1}, -1),
    Statement("S5", "lowering the rate piecewise gives better solutions", "accuracy",
              {"multi_factor": 1, "constant": -1}, 1),
    Statement("S6", "the cosine can improve results", "accuracy", {"cosine": 1, "constant": -1}, 1),
    Statement("S7", "with warm-up the network converges better in the first 5 epochs", "early",
              {"warmup": 1, "cosine": -1}, 1),
    Statement("S8", "lowering the rate improves accuracy (mean of the four schedules)", "accuracy", LOWERING, 1),
    Statement("S9", "lowering the rate reduces overfitting (mean of the four schedules)", "gap", LOWERING, -1),
)


#: The arms of S10, by the names of its tests.
WARMUP: dict[tuple[str, ...], tuple[Cell, Cell]] = {
    ("S10", name): (("warmup", name), ("cosine", name)) for name in FRAMEWORKS}


class Result(NamedTuple):
    """A comparison with its names, such as a statement's number and a framework, its p after Holm, and its verdict."""

    names: tuple[str, ...]
    comparison: Comparison
    bounds: verdicts.Bounds
    verdict: str


class Counts(NamedTuple):
    """Pairs, and those with an event in the first arm alone and in the second alone; p, p after Holm, and a verdict."""

    names: tuple[str, ...]
    pairs: int
    registered: int
    only_first: int
    only_second: int
    p: float
    bounds: verdicts.Bounds
    verdict: str


def list_seeds(experiment: str) -> range:
    """Return the registered seeds of an experiment."""
    return MORE_SEEDS if experiment in WIDE else SEEDS


def evaluate_statements(study: Study) -> list[Result]:
    """Return the chapter's statements S1 to S9 in each framework: 27 tests."""
    named = {(statement.number, framework): (statement, compare(
        study, {(name, framework): weight for name, weight in statement.weights.items()}, statement.outcome, SEEDS))
        for statement in STATEMENTS for framework in FRAMEWORKS}
    bounds = correct_partly([comparison.p for _, comparison in named.values()])
    return [Result(names, comparison, bound, verdicts.judge_statement(comparison, bound, statement.sign))
            for (names, (statement, comparison)), bound in zip(named.items(), bounds)]


def compare_frameworks(study: Study) -> list[Result]:
    """Return the final test accuracy of each pair of frameworks with each schedule: 15 tests."""
    return _finish({(experiment, *pair): compare(study, {(experiment, pair[0]): 1, (experiment, pair[1]): -1},
                                                 "accuracy", list_seeds(experiment))
                    for experiment in CHAPTER for pair in PAIRS}, verdicts.judge_difference)


def evaluate_effects(study: Study) -> list[Result]:
    """Return the final test accuracy of each schedule minus that of the constant rate in each framework: 12 tests."""
    return _finish({(name, framework): compare(study, {(name, framework): 1, ("constant", framework): -1}, "accuracy",
                                               SEEDS)
                    for name in SCHEDULES for framework in FRAMEWORKS}, verdicts.judge_effect)


def evaluate_averaging(study: Study) -> list[Result]:
    """Return the gain of averaged weights over the final weights of each cell: 21 tests."""
    return _finish({(name, framework): compare(study, {(name, framework): 1}, "averaged_gain", list_seeds(name))
                    for name in (*CHAPTER, *OTHERS) for framework in FRAMEWORKS}, verdicts.judge_difference)


def count_dead_by_framework(study: Study) -> list[Counts]:
    """Return the dead runs of each pair of frameworks with each schedule: 15 exact McNemar tests."""
    return count_pairs(study, {(experiment, *pair): ((experiment, pair[0]), (experiment, pair[1]))
                               for experiment in CHAPTER for pair in PAIRS})


def count_dead_by_warmup(study: Study) -> list[Counts]:
    """Return S10: dead runs of warm-up against cosine in each framework, 3 exact McNemar tests."""
    return count_pairs(study, WARMUP)


def count_stalled_by_warmup(study: Study) -> list[Counts]:
    """Return the stalled runs of warm-up against cosine in each framework, which decide nothing."""
    return count_pairs(study, WARMUP, lambda run: run.stalled)


def count_pairs(study: Study, arms: Mapping[tuple[str, ...], tuple[Cell, Cell]],
                event: Callable[[Run], bool] = lambda run: run.dead) -> list[Counts]:
    """Return the exact McNemar test of each two cells, with Holm over all.

    arms: the two cells by the names of a test. event: what is counted (default: dead runs).
    """
    return finish_counts((names, len(list_seeds(first[0])),
                          count_discordant(study, first, second, list_seeds(first[0]), event))
                         for names, (first, second) in arms.items())


def finish_counts(counted: Iterable[tuple[tuple[str, ...], int, tuple[int, int, int]]]) -> list[Counts]:
    """Return tests of counts with Holm over all. counted: names, registered pairs, and the counts of each test."""
    listed = list(counted)
    ps = [compute_mcnemar_p(*count[1:]) for _, _, count in listed]
    known = [p if count[0] == registered else None for p, (_, registered, count) in zip(ps, listed)]
    return [Counts(names, count[0], registered, *count[1:], p, bound,
                   verdicts.judge_counts(count[0] == registered, count[2], count[1], bound))
            for p, (names, registered, count), bound in zip(ps, listed, correct_partly(known))]


def _finish(named: Mapping[tuple[str, ...], Comparison],
            judge: Callable[[Comparison, verdicts.Bounds], str]) -> list[Result]:
    bounds = correct_partly([comparison.p for comparison in named.values()])
    return [Result(names, comparison, bound, judge(comparison, bound))
            for (names, comparison), bound in zip(named.items(), bounds)]
