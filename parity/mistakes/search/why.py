"""Tests hypotheses: names a mistake as the cause only if it gives each compared rate.

It tries single mistakes of B, to the bit; then rounding in float32; then single mistakes of A. Then it tries a single
mistake with rounding in addition, and two mistakes at once, to the bit. If no hypothesis fits, no mistake is named.
If one side is a specification and the other a log, the log has the mistake.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from parity.mistakes import trainings
from parity.mistakes.record import About
from parity.mistakes.search.causes import KNOWN, ROUNDING, Cause
from parity.mistakes.search.hypotheses import compute_wanted, is_explained_by, is_small, list_candidates
from parity.mistakes.search.lengths import find_changes
from parity.mistakes.search.mistakes import try_mistakes
from parity.mistakes.search.pair import Pair
from parity.mistakes.search.resumes import find_never, find_restarts, find_resumes
from parity.mistakes.search.sequences import find_causes
from parity.mistakes.search.steps import find_steps
from parity.mistakes.search.together import find_double, find_resumed
from parity.mistakes.wanted import Search

#: The maximum number of hypotheses. Most of them are refused after one rate.
MAX_SINGLE = 20_000
UNLOGGED = Cause(trainings.UNLOGGED.name, "{this} is a log of changes, which shows no warm-up: the rates before its "
                 "first line are those of --base-lr, not applied ones")
ROUNDED_ON_TOP = Cause(ROUNDING, "the remaining difference of {this} and {that} is a few ULP of the largest rate")


@dataclass(frozen=True)
class Explanation:
    """The mistakes that explain a difference.

    causes: the mistakes, each of which gives all rates (default: none is known).
    side: which of the two makes them, `A` or `B` (default: "", none is known).
    together: whether only all mistakes at once give the rates (default: False).
    """

    causes: tuple[Cause, ...] = ()
    side: str = ""
    together: bool = False

    def format_sentences(self, a: str = "A", b: str = "B") -> list[str]:
        """Return a sentence for each mistake, with the names `a` and `b` for A and B."""
        this, that = (a, b) if self.side == "A" else (b, a)
        return [cause.sentence.format(this=this, that=that) for cause in self.causes]


def explain(pair: Pair) -> Explanation:
    """Return the mistakes that make B's rates from A's, else A's from B's; an empty explanation if none is known."""
    sides = [("B", pair), ("A", pair.exchange())]
    if (pair.a.schedule is None) != (pair.b.schedule is None):  # a log does not make a specification
        sides = [(side, ordered) for side, ordered in sides if ordered.a.schedule is not None]
    for number, (side, ordered) in enumerate(sides):
        if _is_unlogged(ordered):
            return Explanation((UNLOGGED,), side)
        if causes := _find_single(ordered):
            if [cause.name for cause in causes] == [trainings.CONTINUED.name] and (two := find_double(ordered)):
                return Explanation(two, side, together=True)  # two known mistakes are more precise
            return Explanation(causes, side)
        if not number and not pair.is_printed and (rounding := _find_rounding(pair)):  # digits do not show rounding
            return Explanation((rounding,), "B")
    for side, ordered in sides if not pair.is_printed else ():
        if causes := _find_single(replace(ordered, rounded=True)):
            return Explanation((causes[0], ROUNDED_ON_TOP), side, together=True)
    for find in (find_double, find_resumed):
        for side, ordered in sides:
            if causes := find(ordered):
                return Explanation(causes, side, together=True)
    return Explanation()


def _is_unlogged(pair: Pair) -> bool:
    """Return whether A's warm-up explains each difference from a log of B that has no rate of these updates."""
    return pair.a.schedule is not None and pair.differing[-1] < pair.b.assumed and pair.rates_a[0] < np.nanmax(
        pair.rates_a)


def _find_single(pair: Pair) -> tuple[Cause, ...]:
    """Return the single mistakes that make B's rates from A's, each name once, the special ones first.

    The mistakes of trainings are general: where another mistake gives the rates, only a single restart is added.
    """
    causes = {cause.name: cause for cause in find_causes(pair)}
    if pair.a.schedule is not None:
        search, about = Search(MAX_SINGLE), About(list_candidates(pair), compute_wanted(pair, pair.differing))
        for changed, cause in chain(try_mistakes(pair.a.schedule, about, search, composed=True),
                                    try_mistakes(pair.a.expanded, about, search)):
            if not search.has_tries(pair.a.weight):
                break
            if cause.name not in causes and is_explained_by(pair, changed):
                causes[cause.name] = cause
    if set(causes) == {"base rate overwritten"} and (never := list(find_never(pair))):
        return tuple(never)
    trained = find_restarts(pair, most=1) if causes else chain(
        find_steps(pair) if is_small(pair) else (), find_resumes(pair),
        find_changes(pair) if pair.a.schedule is not None and is_small(pair) else ())
    for cause in trained:
        causes.setdefault(cause.name, cause)
    return tuple(causes[name] for name in KNOWN if name in causes)


def _find_rounding(pair: Pair) -> Cause | None:
    if replace(pair, rounded=True).differing.size:
        return None
    ulp = np.abs(pair.rates_a.astype(np.float64) - pair.rates_b)[pair.differing].max() / pair.ulp
    return Cause(ROUNDING, f"no rate of {{this}} is more than {ulp:.2g} ULP of the largest rate from {{that}}'s")
