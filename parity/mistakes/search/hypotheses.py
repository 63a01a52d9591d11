"""Tests one hypothesis, a changed schedule, against the rates of B: first at three updates, then at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from frameworks.schedule import Schedule, lrs
from parity.mistakes.search.pair import ROUNDED_SHARE, Pair
from parity.mistakes.wanted import ROUNDING as FLOAT32
from parity.mistakes.wanted import SMALLEST, Wanted

#: The maximum weight of a schedule that is searched for another length, several steps, or a mistake and a resume.
MAX_WEIGHT = 10


def is_small(pair: Pair) -> bool:
    """Return whether A is a log, or a schedule of a size that is searched for other lengths, steps and resumes."""
    return pair.a.schedule is None or pair.a.weight <= MAX_WEIGHT


def is_explained_by(pair: Pair, changed: Schedule) -> bool:
    """Return whether a changed schedule gives each rate of B."""
    return all(is_b(pair, changed, t) for t in choose_updates(pair.differing)) and pair.is_explained_by(
        lrs(changed, pair.updates).astype(np.float32))


def is_b(pair: Pair, changed: Schedule, t: int) -> bool:
    """Return whether the rate of a changed schedule at update t is B's."""
    return bool(pair.is_equal(np.array([changed.lr(t)], np.float32), pair.rates_b[t:t + 1]).all())


def choose_updates(differing: Sequence[int] | np.ndarray) -> set[int]:
    """Return the first, the middle and the last of some updates."""
    return {int(differing[index]) for index in (0, len(differing) // 2, -1)}


def compute_wanted(pair: Pair, differing: Sequence[int] | np.ndarray) -> Wanted:
    """Return bounds of B's rates at some differing updates, widened by all possible rounding."""
    lost = FLOAT32 + (10.0 ** (1 - pair.digits) / 2 if pair.digits else 0) + (2 * ROUNDED_SHARE if pair.rounded else 0)
    rates = ((t, float(pair.rates_b[t])) for t in sorted(choose_updates(differing))) if len(differing) else ()
    least = SMALLEST + pair.unit / 2
    return tuple((t, rate * (1 - lost) - least, rate / (1 - lost) + least) for t, rate in rates)


def list_candidates(pair: Pair) -> tuple[float, ...]:
    """Return candidates for a base rate or a floor: B's first rate, its largest, and its first that differs."""
    rates = (pair.rates_b[pair.compared[0]], np.nanmax(pair.rates_b), pair.rates_b[pair.differing[0]])
    return tuple(dict.fromkeys(float(str(rate)) for rate in rates))
