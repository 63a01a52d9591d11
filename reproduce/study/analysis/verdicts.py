"""Decides the protocol's verdicts from comparisons and their corrected p values."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from reproduce.study.analysis.procedures import ALPHA
from reproduce.study.analysis.samples import Comparison

#: No verdict: runs are missing, of the comparison, or of others that the correction needs.
PRELIMINARY = "preliminary"
NOT_SETTLED = "not settled"
TRUE, SMALL, FALSE = "true", "true, smaller than the tolerance", "false"
EQUIVALENT, DIFFERENT = "equivalent", "different"
BOTH = "equivalent, and different by less than the tolerance"
NO_EFFECT, EFFECT, SMALL_EFFECT = "no effect", "an effect", "an effect smaller than the tolerance"

#: The smallest and the largest p value after Holm, which are equal once every p of the family is there.
Bounds = tuple[float, float]


def is_significant(bounds: Bounds) -> bool | None:
    """Return whether a corrected p value is below .05, None if that depends on tests that are not complete."""
    low, high = bounds
    return True if high < ALPHA else False if low >= ALPHA else None


def decide(comparison: Comparison, bounds: Bounds) -> tuple[str | None, bool, bool]:
    """Return the verdict of an undecided comparison or None, significance, and the success of TOST."""
    significant, p = is_significant(bounds), comparison.difference.p_equivalence
    if not comparison.is_complete:
        return PRELIMINARY, False, False
    if not comparison.is_testable:
        return NOT_SETTLED, False, False
    return PRELIMINARY if significant is None else None, bool(significant), p is not None and p < ALPHA


def judge_statement(comparison: Comparison, bounds: Bounds, sign: int) -> str:
    """Return the verdict about a statement of the chapter in one framework. sign: of the difference if it holds."""
    undecided, significant, equivalent = decide(comparison, bounds)
    if undecided:
        return undecided
    if significant and (comparison.difference.mean or 0) * sign > 0:
        return SMALL if equivalent else TRUE
    return FALSE if significant or equivalent else NOT_SETTLED


def judge_difference(comparison: Comparison, bounds: Bounds,
                     words: tuple[str, str, str] = (EQUIVALENT, DIFFERENT, BOTH)) -> str:
    """Return the verdict about two frameworks with one schedule, or about averaged weights, which have no TOST.

    words: the verdicts if TOST succeeds, if the difference is significant, and if both hold.
    """
    undecided, significant, equivalent = decide(comparison, bounds)
    if undecided or not (significant or equivalent):
        return undecided or NOT_SETTLED
    return words[2 if significant and equivalent else int(significant)]


def judge_effect(comparison: Comparison, bounds: Bounds) -> str:
    """Return the verdict about a schedule against the constant rate."""
    return judge_difference(comparison, bounds, (NO_EFFECT, EFFECT, SMALL_EFFECT))


def judge_counts(complete: bool, fewer: int, more: int, bounds: Bounds) -> str:
    """Return the verdict about "the first arm has fewer dead runs".

    fewer: pairs in which the second arm alone is dead. more: pairs in which the first alone is.
    """
    significant = is_significant(bounds)
    if not complete or significant is None:
        return PRELIMINARY
    return NOT_SETTLED if not significant else TRUE if fewer > more else FALSE


def summarize(verdicts: Sequence[str], frameworks: Collection[str]) -> str:
    """Return the verdict over all frameworks: true or false if it is so in each, else the verdict of each."""
    kinds = {TRUE if verdict == SMALL else verdict for verdict in verdicts}
    if len(kinds) == 1:
        return kinds.pop()
    if PRELIMINARY in kinds:
        return PRELIMINARY
    return "; ".join(f"{framework}: {verdict}" for framework, verdict in zip(frameworks, verdicts))
