"""Finds what a resume does to rates: restarted, frozen, reset, continued elsewhere, multiplied. It needs no schedule.

Each hypothesis keeps the rates before the first difference, and must give each compared rate after it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from parity.mistakes import trainings
from parity.mistakes.search.causes import Cause
from parity.mistakes.search.pair import Pair
from parity.mistakes.search.ratio import find_ratio, format_shortest

#: The numbers of candidates that are compared at all updates, and of resumes in one training.
MAX_CANDIDATES, MAX_RESUMES = 16, 8
#: A constant, or two rates with one drop, agree with too many other sequences by chance.
MIN_RATES = 3


def find_resumes(pair: Pair) -> Iterator[Cause]:
    """Yield the first mistake at a resume, the special ones first, that gives each rate of B."""
    for find in (find_never, find_restarts, _find_frozen, _find_reset, _find_continued, _find_multiplied):
        for cause in find(pair):
            yield cause
            return


def list_distinct(rates: np.ndarray) -> np.ndarray:
    """Return the different known rates, in increasing order."""
    return np.unique(rates[~np.isnan(rates)])


def find_restarts(pair: Pair, most: int = MAX_RESUMES) -> Iterator[Cause]:
    """Test whether B's rate of update t is A's of t - n from update n on, for at most `most` updates n."""
    predicted, begins = predict_restarts(pair, most)
    if begins and pair.is_explained_by(predicted):
        each = f"t - {begins[0]}" if len(begins) == 1 else "t minus that update"
        yield Cause(trainings.RESTARTED.name, f"{{this}} begins again at update{'s' * (len(begins) > 1)} "
                                              f"{_format_list(begins)}: from there on its rate of update t is "
                                              f"{{that}}'s of {each}")


def predict_restarts(pair: Pair, most: int = MAX_RESUMES) -> tuple[np.ndarray, list[int]]:
    """Return A's rates, begun again where B differs, and the updates at which they begin again."""
    predicted, begins = pair.rates_a.copy(), []
    wrong = pair.differing
    while len(wrong) and len(begins) < most:
        first = int(wrong[0])
        starts = _list_starts(pair, max(begins[-1] + 1 if begins else 2, 2), first)
        reached = {start: _measure_reach(pair, start) for start in starts}
        best = max(reached, key=lambda start: (reached[start], start), default=None)
        if best is None or not _is_restart_visible(pair, best, reached[best]):
            break
        predicted[best:] = pair.rates_a[:pair.updates - best]
        begins.append(best)
        wrong = wrong[wrong >= reached[best]]
    return predicted, begins


def _list_starts(pair: Pair, least: int, first: int) -> list[int]:
    """Return updates from `least` to `first` at which A, begun again, agrees with B at `first` and its next changes."""
    starts = np.arange(least, first + 1)
    changes = first + 1 + np.flatnonzero(pair.rates_b[first + 1:] != pair.rates_b[first:-1])
    for t in (first, *(update for change in changes[:MAX_CANDIDATES].tolist() for update in (change - 1, change))):
        rates = pair.rates_a[t - starts]
        agreeing = starts[pair.is_equal(rates, np.full(len(starts), pair.rates_b[t])) & ~np.isnan(rates)]
        if not len(agreeing):
            return starts[-MAX_CANDIDATES:].tolist() if t > first else []
        starts = agreeing
    return starts[-MAX_CANDIDATES:].tolist()


def _measure_reach(pair: Pair, start: int) -> int:
    """Return the first update after `start` that differs from A begun again there, or the number of updates."""
    wrong = np.flatnonzero(~pair.is_equal(pair.rates_a[:pair.updates - start], pair.rates_b[start:]))
    return start + int(wrong[0]) if len(wrong) else pair.updates


def _is_restart_visible(pair: Pair, start: int, end: int) -> bool:
    """Return whether a shift of one drop of a constant is excluded: there are several rates after the restart."""
    jumps = int(pair.differing[0]) == start and len(list_distinct(pair.rates_a)) >= MIN_RATES
    several = len(list_distinct(pair.rates_b[start:end])) >= MIN_RATES
    drops = len(list_distinct(pair.rates_b[start:end])) == 2 and len(list_distinct(pair.rates_a)) >= MIN_RATES
    return end - start >= MIN_RATES and (jumps or several or drops)


def _find_reset(pair: Pair) -> Iterator[Cause]:
    """Test whether all differing rates are A's first or highest rate, in a few stretches of updates."""
    differing, (first, last) = pair.differing, (int(pair.differing[0]), int(pair.differing[-1]))
    compared = pair.compared
    numbers = np.flatnonzero(np.isin(compared, differing))
    stretches = [compared[part] for part in np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)]
    if not first or len(stretches) > MAX_RESUMES or len(list_distinct(pair.rates_a)) < MIN_RATES:
        return
    begins = pair.rates_b[stretches[0][0]:stretches[0][-1] + 1]
    ends = last == compared[-1]
    if ends and (len(stretches) > 1 or len(list_distinct(pair.rates_a[first:])) < MIN_RATES):
        return
    for word, rate in (("first", pair.rates_a[compared[0]]), ("highest", np.nanmax(pair.rates_a))):
        if pair.is_equal(begins, np.full(len(begins), rate)).all() and pair.is_explained_by(
                np.where(np.isin(np.arange(pair.updates), differing), rate, pair.rates_a)):
            where = f"from update {first} on" if ends and len(differing) > 1 else "at " + _format_stretches(stretches)
            yield Cause(trainings.RESET.name, f"{{this}} applies {float(str(rate))!r}, {{that}}'s {word} rate, {where}")
            return


def _find_frozen(pair: Pair) -> Iterator[Cause]:
    """Test whether B keeps a rate that A has just before the first difference."""
    first = int(pair.differing[0])
    before = pair.compared[pair.compared < first]
    after = pair.compared[pair.compared >= first]
    if not len(before) or len(list_distinct(pair.rates_a[:first])) < 2 or len(after) < MIN_RATES:
        return
    rate = pair.rates_b[first]
    near = pair.rates_a[before[-1]:first]
    if not (pair.is_equal(near, np.full(len(near), rate)) & ~np.isnan(near)).any():
        return
    if pair.is_explained_by(np.where(np.arange(pair.updates) < first, pair.rates_a, rate)):
        yield Cause(trainings.FROZEN.name, f"{{this}} stays at {float(str(rate))!r} from update {first} on, "
                                           "{that} does not")


def find_never(pair: Pair) -> Iterator[Cause]:
    """Test whether B always has A's first or highest rate."""
    if len(list_distinct(pair.rates_a)) < MIN_RATES or len(pair.compared) < MIN_RATES:
        return
    for word, rate in (("first", pair.rates_a[pair.compared[0]]), ("highest", np.nanmax(pair.rates_a))):
        if pair.is_explained_by(np.full(pair.updates, rate)):
            yield Cause(trainings.NEVER.name, f"{{this}} always applies {float(str(rate))!r}, {{that}}'s {word} rate")
            return


def _find_continued(pair: Pair) -> Iterator[Cause]:
    """Test whether B's rate of update t is A's of t + k from the first difference on, for one k."""
    first = int(pair.differing[0])
    after = pair.differing[[0, len(pair.differing) // 2, -1]]
    rates = pair.a.list_rates(2 * pair.updates)
    if first < 1 or len(list_distinct(pair.rates_b[first:])) < MIN_RATES:
        return
    by = np.arange(-first, pair.updates)
    for t in after.tolist():
        by = by[pair.is_equal(rates[t + by], np.full(len(by), pair.rates_b[t]))]
    for k in by[np.argsort(np.abs(by), kind="stable")][:MAX_CANDIDATES].tolist():
        predicted = pair.rates_a.copy()
        predicted[first:] = rates[first + k:pair.updates + k]
        end = None if pair.a.updates is None else pair.updates - max(k, 0)
        if k and (end is None or 2 * end > pair.updates + first) and pair.is_explained_by(predicted, to_update=end):
            yield Cause(trainings.CONTINUED.name,
                        f"at update {first} {{this}} continues with {{that}}'s rate of update {first + k}")
            return


def _find_multiplied(pair: Pair) -> Iterator[Cause]:
    """Test whether one factor makes all of B's rates from the first difference on."""
    first = int(pair.differing[0])
    after = pair.compared[pair.compared >= first]
    a, b = pair.rates_a[after], pair.rates_b[after]
    if not first or len(list_distinct(a[a > 0])) < 2 or len(after) < MIN_RATES or len(after) == len(pair.compared):
        return
    limits = find_ratio(a, b, pair.digits, pair.unit)
    if limits is None:
        return
    predicted = pair.rates_a.astype(np.float64)
    predicted[first:] *= sum(limits) / 2
    # one factor makes all rates within their rounding: 1e-6 is 8 units in the last place of a float32
    if np.allclose(predicted[after], b, rtol=10.0 ** (1 - pair.digits) if pair.digits else 1e-6, atol=pair.unit):
        yield Cause(trainings.MULTIPLIED.name, f"from update {first} on each rate of {{this}} is "
                                               f"{format_shortest(*limits)} times {{that}}'s")


def _format_list(words: list[int] | list[str]) -> str:
    """Return numbers or words as an enumeration."""
    return " and ".join(filter(None, (", ".join(map(str, words[:-1])), str(words[-1]))))


def _format_stretches(stretches: list[np.ndarray]) -> str:
    parts = [str(part[0]) if len(part) == 1 else f"{part[0]} to {part[-1]}" for part in stretches]
    return f"update{'s' * (len(parts) > 1 or len(stretches[0]) > 1)} {_format_list(parts)}"
