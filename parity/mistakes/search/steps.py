"""Finds a scheduler that is stepped several times per update: once per process, or once per accumulated batch."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from parity.mistakes import trainings
from parity.mistakes.search.causes import Cause
from parity.mistakes.search.pair import Pair

#: The maximum number of steps per update that is tried, and the minimum number of updates of a log that show it.
MAX_STEPS, MIN_COMPARED = 64, 4
#: The number of updates at which a candidate is first tested, and of candidates beside another mistake.
SPREAD, MAX_LISTED = 16, 2 * MAX_STEPS
#: The steps before the first update are at most those of this many updates: a loss scaler skips the first ones.
MAX_BEFORE = 4


def find_steps(pair: Pair) -> Iterator[Cause]:
    """Test whether B's rate of update t is A's of n t + k: k is 0, n - 1, or what skipped updates make of it.

    A log of A has only the first of these rates.
    """
    if not len(pair.differing) or len(np.unique(pair.rates_b[pair.compared])) < 3:
        return
    spread = _spread(pair)
    for n, k in _iterate_steps(pair, int(pair.differing[0])):
        end = None if pair.a.updates is None else (len(pair.rates_a) - k - 1) // n + 1
        if end is not None and end < MIN_COMPARED:
            continue
        some = spread[spread < (end or pair.updates)]
        if len(some) and pair.is_equal(_list_rates(pair, n, k, some), pair.rates_b[some]).all() and (
                pair.is_explained_by(_list_rates(pair, n, k, np.arange(pair.updates)), to_update=end)):
            yield _build_cause(n, k)
            return


def list_steps(pair: Pair) -> Iterator[tuple[np.ndarray, Cause]]:
    """Yield what each number of steps per update makes of A's rates, where that gives the first compared rates of B."""
    first = pair.compared[:3]
    for n, k in islice(_iterate_steps(pair, int(first[0])), MAX_LISTED):
        if pair.is_equal(_list_rates(pair, n, k, first), pair.rates_b[first]).all():
            yield _list_rates(pair, n, k, np.arange(pair.updates)), _build_cause(n, k)


def _spread(pair: Pair) -> np.ndarray:
    """Return some updates that differ, or after which B changes: a candidate is first tested at these."""
    changes = np.flatnonzero(pair.rates_b[1:] != pair.rates_b[:-1]) + 1
    known = np.union1d(pair.differing, np.intersect1d(changes, pair.compared))
    return np.unique(np.concatenate((pair.differing[:2], known[np.linspace(0, len(known) - 1, SPREAD).astype(int)])))


def _iterate_steps(pair: Pair, t: int) -> Iterator[tuple[int, int]]:
    """Yield each n and k for which B's rate of update t is A's of n t + k; first k = 0 and n - 1."""
    others = []
    for n in range(2, MAX_STEPS + 1):
        before = np.arange(n * MAX_BEFORE)
        equal = pair.is_equal(_list_rates(pair, n, before, np.array(t)), np.full(len(before), pair.rates_b[t]))
        for k in before[equal].tolist():
            if k in (0, n - 1):
                yield n, k
            else:
                others.append((n, k))
    yield from others


def _list_rates(pair: Pair, n: int, k: int | np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return A's rates of updates n t + k: float32, nan where a log ends before."""
    if pair.a.schedule is None:
        return np.append(pair.rates_a, np.float32(np.nan))[np.minimum(n * t + k, len(pair.rates_a))]
    return pair.a.schedule._compute_over(n * t + k).astype(np.float32)


def _build_cause(n: int, k: int) -> Cause:
    return Cause(trainings.STEPPED.name, f"{{this}} steps its scheduler {n} times per update: its rate of update t is "
                                         f"{{that}}'s of {n} t{f' + {k}' * bool(k)}")
