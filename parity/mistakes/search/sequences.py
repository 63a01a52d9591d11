"""Finds causes in the rates alone, without a specification: shift, hold, scale, a scheduler used up by a plot."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from frameworks.schedule import Constant
from parity.mistakes.clocks import describe_hold, describe_plot, describe_shift
from parity.mistakes.search.causes import Cause
from parity.mistakes.search.pair import Pair
from parity.mistakes.search.ratio import find_ratio, format_shortest

#: The maximum number of shifts that agree at a few updates and are compared at all others.
MAX_SHIFTS = 16


def find_causes(pair: Pair) -> Iterator[Cause]:
    """Yield each cause that makes B's rates from A's and explains each rate of B."""
    yield from _find_early(pair)
    yield from _find_late(pair)
    yield from _find_hold(pair)
    yield from _find_plot(pair)
    yield from _find_scale(pair)


def _find_early(pair: Pair) -> Iterator[Cause]:
    """Test whether B's rate of update t is A's of update t + k, except in the last k updates of a log."""
    n = pair.updates
    later = pair.a.list_rates(2 * n)
    endless = pair.a.updates is None
    for k in _find_shifts(later, pair.rates_b, pair):
        if 1 < k <= pair.differing[0] and not endless:
            return  # rather, the schedule of the other log is restarted at update k
        if (endless or k <= n // 2) and pair.is_explained_by(later[k:k + n], to_update=None if endless else n - k):
            yield _build_shift_cause(k, "early", "before")
            return


def _find_late(pair: Pair) -> Iterator[Cause]:
    """Test whether B's rate of update t is A's of update t - k, or A's first; for k = 1, B's first is not compared."""
    later = pair.b.list_rates(2 * pair.updates)
    for k in _find_shifts(later, pair.rates_a, pair):
        if 1 < k <= pair.differing[0]:
            return  # rather, the schedule is restarted at update k
        before = np.concatenate((np.full(k, pair.rates_a[0]), pair.rates_a))[:pair.updates]
        if pair.is_explained_by(before, from_update=int(k == 1)):
            yield _build_shift_cause(k, "late", "after")
            return


def list_shifts(pair: Pair) -> Iterator[tuple[np.ndarray, Cause]]:
    """Yield A's rates one update early and one update late."""
    yield pair.a.list_rates(pair.updates + 1)[1:] if pair.a.updates is None else np.append(
        pair.rates_a[1:], np.float32(np.nan)), _build_shift_cause(1, "early", "before")
    yield np.append(pair.rates_a[:1], pair.rates_a[:-1]), _build_shift_cause(1, "late", "after")


def _build_shift_cause(k: int, name: str, word: str) -> Cause:
    return Cause(f"{'one update' if k == 1 else 'several updates'} {name}", describe_shift(k, word))


def _find_shifts(later: np.ndarray, rates: np.ndarray, pair: Pair) -> list[int]:
    """Return each k for which `later`, k updates on, equals `rates` at the start and at the first and last change."""
    changes = _find_changes(rates)
    if not len(changes):
        return []  # a shift of constant rates is not visible
    k = np.arange(1, len(rates))
    near = changes[changes < len(rates) - 1]
    for at in {0, changes[0] - 1, changes[0], *near[-1:]}:
        k = k[pair.is_equal(later[k + at], np.full(len(k), rates[at]))]
    k = k[k <= len(rates) - 1 - changes[0]]  # at least the first change must be visible
    return k[:MAX_SHIFTS].tolist()


def _find_changes(rates: np.ndarray) -> np.ndarray:
    """Return the updates whose rate differs from the previous one."""
    return np.flatnonzero(rates[1:] != rates[:-1]) + 1


def _find_hold(pair: Pair) -> Iterator[Cause]:
    """Test whether B's rate of update t is A's of update t // k."""
    changes = [_find_changes(rates) for rates in (pair.rates_a, pair.rates_b)]
    if not len(changes[0]) or len(changes[1]) < 2:
        return  # one change fits many numbers
    if pair.a.schedule is None and (np.diff(changes[0]) > 1).all():
        return  # each rate is held anyway
    k, rest = divmod(int(changes[1][0]), int(changes[0][0]))
    if k > 1 and not rest and pair.is_explained_by(pair.rates_a[np.arange(pair.updates) // k]):
        yield Cause("per epoch for per update", describe_hold(1, k))


def _find_plot(pair: Pair) -> Iterator[Cause]:
    """Test whether B has A's rate of a later update until then, a rate below A's first one."""
    last = int(pair.differing[-1]) + 1
    if isinstance(pair.b.schedule, Constant):  # a plot changes nothing of a constant
        return
    if last < pair.updates and pair.rates_a[last] < pair.rates_a[0]:
        predicted = np.where(np.arange(pair.updates) < last, pair.rates_a[last], pair.rates_a)
        if pair.is_explained_by(predicted):
            yield Cause("consumed by plotting", describe_plot(last, pair.rates_a[last]))


def _find_scale(pair: Pair) -> Iterator[Cause]:
    """Test whether one constant factor makes all of B's rates from A's, within the rounding of both."""
    if limits := find_ratio(pair.rates_a[pair.compared], pair.rates_b[pair.compared], pair.digits, pair.unit):
        yield _build_scale_cause(limits)


def scale_first(pair: Pair) -> Iterator[tuple[np.ndarray, Cause]]:
    """Yield A's rates, multiplied by the factor that makes B's first rates from them."""
    first = pair.compared[:10]
    if limits := find_ratio(pair.rates_a[first], pair.rates_b[first], pair.digits, pair.unit):
        yield (pair.rates_a * (sum(limits) / 2)).astype(np.float32), _build_scale_cause(limits)


def _build_scale_cause(limits: tuple[float, float]) -> Cause:
    return Cause("base rate overwritten", f"each rate of {{this}} is {format_shortest(*limits)} times {{that}}'s")
