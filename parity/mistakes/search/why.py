"""Tests hypotheses: names a mistake as the cause only if it gives each compared rate.

It tries single mistakes of B, to the bit; then rounding in float32; then single mistakes of A. Then it tries a single
mistake with rounding in addition, and two mistakes at once, to the bit. If no hypothesis fits, no mistake is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from frameworks.schedule import Schedule, lrs
from parity.mistakes import trainings
from parity.mistakes.record import About
from parity.mistakes.search.causes import KNOWN, ROUNDING, Cause
from parity.mistakes.search.lengths import find_changes
from parity.mistakes.search.mistakes import try_mistakes
from parity.mistakes.search.pair import ROUNDED_SHARE, Pair
from parity.mistakes.search.resumes import find_never, find_restarts, find_resumes
from parity.mistakes.search.sequences import find_causes, list_shifts, scale_first
from parity.mistakes.search.steps import find_steps, list_steps
from parity.mistakes.search.subject import Subject
from parity.mistakes.wanted import ROUNDING as FLOAT32
from parity.mistakes.wanted import SMALLEST, Search, Wanted

#: The maximum numbers of hypotheses. Most of them are refused after one rate.
MAX_SINGLE, MAX_DOUBLE = 20_000, 50_000
#: Two mistakes are not searched for if fewer updates differ, or if A or B has fewer different rates.
MIN_DIFFERING, MIN_RATES = 4, 3
#: So many different rates are enough for a mistake and a resume; a restart also shows by its changes.
MANY_RATES = 6
#: The maximum numbers of rates and of mistakes in the search for a mistake and a resume, and the maximum weight of a
#: schedule that is searched for it, or for another length or several steps.
MAX_RESUMED, MAX_MISTAKEN, MAX_WEIGHT = 20_000_000, 1000, 10
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
    sides = (("B", pair), ("A", pair.exchange()))
    if pair.a.schedule is None and pair.b.schedule is not None:
        sides = sides[::-1]  # the specification is right
    for side, ordered in sides:
        if _is_unlogged(ordered):
            return Explanation((UNLOGGED,), side)
    if causes := _find_single(sides[0][1]):
        return Explanation(causes, sides[0][0])
    if not pair.digits and (rounding := _find_rounding(pair)):  # a few digits do not show rounding
        return Explanation((rounding,), "B")
    if causes := _find_single(sides[1][1]):
        return Explanation(causes, sides[1][0])
    for side, ordered in sides if not pair.digits else ():
        if causes := _find_single(replace(ordered, rounded=True)):
            return Explanation((causes[0], ROUNDED_ON_TOP), side, together=True)
    for find in (_find_double, _find_resumed):
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
        search, about = Search(MAX_SINGLE), About(_list_candidates(pair), _compute_wanted(pair, pair.differing))
        for changed, cause in chain(try_mistakes(pair.a.schedule, about, search, composed=True),
                                    try_mistakes(pair.a.expanded, about, search)):
            if not search.has_tries(pair.a.weight):
                break
            if cause.name not in causes and _is_explained_by(pair, changed):
                causes[cause.name] = cause
    if set(causes) == {"base rate overwritten"} and (never := list(find_never(pair))):
        return tuple(never)
    trained = find_restarts(pair, most=1) if causes else chain(
        find_steps(pair) if _is_small(pair) else (), find_resumes(pair),
        find_changes(pair) if pair.a.schedule is not None and _is_small(pair) else ())
    for cause in trained:
        causes.setdefault(cause.name, cause)
    return tuple(causes[name] for name in KNOWN if name in causes)


def _is_small(pair: Pair) -> bool:
    return pair.a.schedule is None or pair.a.weight <= MAX_WEIGHT


def _find_double(pair: Pair) -> tuple[Cause, ...]:
    """Return the first two mistakes that together make B's rates from A's."""
    rates = min(len(np.unique(side[pair.compared])) for side in (pair.rates_a, pair.rates_b))
    if pair.a.schedule is None or len(pair.differing) < MIN_DIFFERING or rates < MIN_RATES:
        return ()
    for once, twice, causes in _try_pairs(pair):
        if _is_explained_by(pair, twice) and (lrs(once, pair.updates) != lrs(pair.a.schedule, pair.updates)).any():
            return causes
    return ()


def _try_pairs(pair: Pair) -> Iterator[tuple[Schedule, Schedule, tuple[Cause, Cause]]]:
    rates, search = _list_candidates(pair), Search(MAX_DOUBLE)
    for once, first in try_mistakes(pair.a.expanded, About(rates), search):
        if not search.has_tries(pair.a.weight):
            return
        left = [t for t in _choose_updates(pair.differing) if not _is_b(pair, once, t)]
        for twice, second in try_mistakes(once, About(rates, _compute_wanted(pair, left)), search):
            if first.name != second.name and search.has_tries(pair.a.weight):
                yield once, twice, (first, second)


def _find_resumed(pair: Pair) -> tuple[Cause, ...]:
    """Return a mistake of the whole training and one at a resume, which together make B's rates from A's."""
    if not _is_small(pair):
        return ()
    first, tries = pair.compared[:MIN_RATES], Search(MAX_RESUMED // pair.updates)
    for subject, cause, rounded in _list_mistaken(pair):
        changed = replace(pair, a=subject, rounded=rounded)
        before = subject.list_rates(int(first[-1]) + 1)[first]
        if not changed.is_equal(before, pair.rates_b[first]).all():
            continue  # nothing is resumed before these updates
        if not tries.has_tries():
            return ()
        if (changed.rates_a != pair.rates_a).any() and len(changed.differing):
            for resumed in find_resumes(changed):
                if _is_shown(pair, resumed):
                    return cause, resumed
    return ()


def _is_shown(pair: Pair, resumed: Cause) -> bool:
    """Return whether B has enough different rates, or enough changes, to show two mistakes."""
    rates = pair.rates_b[pair.compared]
    changes = int((rates[1:] != rates[:-1]).sum())
    return len(np.unique(rates)) >= MANY_RATES or (changes >= MIN_RATES and resumed.name == trainings.RESTARTED.name)


def _list_mistaken(pair: Pair) -> Iterator[tuple[Subject, Cause, bool]]:
    """Yield A with a mistake that is not about a resume, the mistake, and whether its rates are rounded."""
    for rates, cause in chain(list_steps(pair), list_shifts(pair)):
        yield Subject(pair.a.name, logged=rates), cause, False
    if pair.a.schedule is not None:
        for once, cause in try_mistakes(pair.a.expanded, About(_list_candidates(pair)), Search(MAX_MISTAKEN)):
            yield Subject(pair.a.name, schedule=once), cause, False
    for rates, cause in scale_first(pair):
        yield Subject(pair.a.name, logged=rates), cause, True


def _is_explained_by(pair: Pair, changed: Schedule) -> bool:
    return all(_is_b(pair, changed, t) for t in _choose_updates(pair.differing)) and pair.is_explained_by(
        lrs(changed, pair.updates).astype(np.float32))


def _is_b(pair: Pair, changed: Schedule, t: int) -> bool:
    return bool(pair.is_equal(np.array([changed.lr(t)], np.float32), pair.rates_b[t:t + 1]).all())


def _choose_updates(differing: Sequence[int] | np.ndarray) -> set[int]:
    return {int(differing[index]) for index in (0, len(differing) // 2, -1)}


def _compute_wanted(pair: Pair, differing: Sequence[int] | np.ndarray) -> Wanted:
    """Return bounds of B's rates at some differing updates, widened by all possible rounding."""
    lost = FLOAT32 + (10.0 ** (1 - pair.digits) / 2 if pair.digits else 0) + (2 * ROUNDED_SHARE if pair.rounded else 0)
    rates = ((t, float(pair.rates_b[t])) for t in sorted(_choose_updates(differing))) if len(differing) else ()
    return tuple((t, rate * (1 - lost) - SMALLEST, rate / (1 - lost) + SMALLEST) for t, rate in rates)


def _list_candidates(pair: Pair) -> tuple[float, ...]:
    """Return candidates for a base rate or a floor: B's first rate, its largest, and its first that differs."""
    rates = (pair.rates_b[pair.compared[0]], np.nanmax(pair.rates_b), pair.rates_b[pair.differing[0]])
    return tuple(dict.fromkeys(float(str(rate)) for rate in rates))


def _find_rounding(pair: Pair) -> Cause | None:
    if replace(pair, rounded=True).differing.size:
        return None
    ulp = np.abs(pair.rates_a.astype(np.float64) - pair.rates_b)[pair.differing].max() / pair.ulp
    return Cause(ROUNDING, f"no rate of {{this}} is more than {ulp:.2g} ULP of the largest rate from {{that}}'s")
