"""Compares applied rates with specified ones, bit for bit.

The specification and every implementation compute in float64. Two correct computations may differ in their last bits,
and sometimes a boundary between two float32 numbers lies between them. So an applied rate agrees if it is float32(x)
for some x within 8 * 2^-53 * (largest rate of the schedule up to there) of `lr(t)`. For a sum, product, minimum or
maximum of schedules, the tolerance follows from those of its members (`margin.py`). Nothing wider exists.

A rate that needs the tolerance is counted (`edges`). So is a rate outside the contract (`outside`): the specified one
is below the smallest normal float32, but not 0, and the applied one lies between 0 and that number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from frameworks.observation import format_bits
from frameworks.schedule import Schedule, lrs
from parity.measuring.margin import compute_bounds

SMALLEST_NORMAL = 2.0**-126


@dataclass(frozen=True)
class Difference:
    """The first update whose applied rate is not the specified one.

    update: counted from 0. applied, specified: the rates, float64. parameter: its index.
    """

    update: int
    applied: float
    specified: float
    parameter: int = 0

    def __str__(self) -> str:
        applied, specified = np.float32(self.applied), np.float32(self.specified)
        return (f"update {self.update}: applied {applied!s} ({format_bits(applied)}), "
                f"specified {specified!s} ({format_bits(specified)}, float64 {self.specified!r}), "
                f"parameter {self.parameter}")


@dataclass(frozen=True)
class Comparison:
    """The result of a comparison.

    updates: how many were compared. first: the first difference, or None.
    edges: the number of updates that needed the tolerance. outside: of those outside the contract.
    """

    updates: int
    first: Difference | None
    edges: int
    outside: int


def count_compared_updates(horizon: int) -> int:
    """Return how many updates of a schedule are compared: 2.5 horizons, at least 50, so beyond its end."""
    return max(50, math.ceil(2.5 * horizon))


def compute_ulps(applied: np.ndarray, schedule: Schedule) -> np.ndarray:
    """Return the distance of applied rates from the specified ones, in float32 numbers; negative if below.

    applied: shape (updates,), from update 0 on. Counted through 0; nan is far from every number.
    """
    def position(rates: np.ndarray) -> np.ndarray:
        words = rates.astype(np.float32).view(np.int32).astype(np.int64)
        return np.where(words < 0, -(words & 0x7FFFFFFF), words)

    return position(applied) - position(lrs(schedule, len(applied)))


def compare(schedule: Schedule, applied: np.ndarray) -> Comparison:
    """Compare the applied rates of updates 0 to n - 1, float32 of shape (n, parameters), with the specification.

    Raises ValueError if there is nothing to compare.
    """
    if not applied.size:
        raise ValueError(f"no rates to compare, in an array of shape {applied.shape}")
    exact, lowest, highest = compute_bounds(schedule, np.arange(len(applied), dtype=np.int64))
    specified = exact.astype(np.float32)
    outside = (exact > 0) & (exact < SMALLEST_NORMAL)
    vanishing = outside[:, None] & (applied >= 0) & (applied <= SMALLEST_NORMAL)
    equal = applied.view(np.uint32) == specified.view(np.uint32)[:, None]

    lowest = np.maximum(lowest, 0).astype(np.float32)[:, None]
    highest = highest.astype(np.float32)[:, None]
    at_edge = ~equal & (lowest <= applied) & (applied <= highest) & ~np.signbit(applied)

    wrong = ~(equal | at_edge | vanishing)
    first = None
    if wrong.any():
        update, parameter = (int(i) for i in np.argwhere(wrong)[0])
        first = Difference(update, float(applied[update, parameter]), float(exact[update]), parameter)
    counted_edges = (at_edge & ~outside[:, None]).any(axis=1)
    return Comparison(len(applied), first, int(counted_edges.sum()), int(outside.sum()))
