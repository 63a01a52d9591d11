"""Computes the rates of many updates at once."""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from frameworks.schedule.fields import ScheduleModel

#: The number of Python floats that are computed at once, and stay in the processor's cache.
CHUNK = 4096


def lrs(schedule: ScheduleModel, n: int) -> np.ndarray:
    """Return `lr(0), ..., lr(n - 1)` as a float64 array of shape (n,), equal to `lr` bit for bit.

    schedule: the schedule.
    n: number of updates, 0 or more.

    Raises TypeError if n is not an integer, and ValueError if it is negative.
    """
    n = operator.index(n)
    if n < 0:
        raise ValueError(f"n must be 0 or more, got {n}")
    return schedule._compute_over(np.arange(n, dtype=np.int64))


def apply_each(function: Callable[..., float], values: np.ndarray, *more: float) -> np.ndarray:
    """Return `function(value, *more)` for every value of a float64 array; a run of equal values is computed once.

    It serves functions of `math`: NumPy's cos and power may differ from them in the last bit, and between processors.
    """
    changes = np.flatnonzero(values[1:] != values[:-1])
    if len(changes) + 1 >= len(values):
        results = np.empty(len(values))
        for start in range(0, len(values), CHUNK):
            part = values[start:start + CHUNK]
            results[start:start + CHUNK] = np.fromiter(
                map(function, part.tolist(), *map(repeat, more)), np.float64, len(part))
        return results
    starts = np.concatenate(([0], changes + 1))
    return np.repeat(apply_each(function, values[starts], *more), np.diff(starts, append=len(values)))
