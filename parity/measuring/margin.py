"""Computes the tolerance of an applied rate: the lowest and the highest float64 `x` around `lr(t)`, before rounding.

The rule: 8 * 2^-53 of the largest rate of the schedule up to there, in both directions. A combination of schedules
(sum, product, minimum, maximum) may always have been small, while the error of a member is that of a large rate. An
example is the end of a cosine from 1, where 1 + cos cancels, multiplied by 1000 there and by nearly 0 before. So the
tolerance of a combination follows from those of its members, each with its largest rate:

    sum                 the sum of the lowest, and of the highest
    product             one factor at its lowest, or highest, and the others as specified: whichever is farthest
    minimum, maximum    the smallest, or largest, of the lowest, and of the highest
    any other kind      the rule, or the schedule computed from the lowest and the highest of its inner schedules,
    around one          whichever is farther

So a limit in force leaves no room for the errors of the rates that it cuts off, and a factor of 0 leaves none. Where
all members are at their largest, the result is the rule. It is the rule too for a schedule without combinations.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from frameworks.schedule import Maximum, Minimum, Product, Schedule, Sum, expand
from frameworks.schedule.fields import ScheduleModel

#: The tolerance of the rule, as a part of the largest rate.
EDGE = 8 * 2.0**-53


class Around(NamedTuple):
    """Rates, and the lowest and highest that agree with them: float64 arrays of one shape."""

    rates: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray


def compute_bounds(schedule: Schedule, t: np.ndarray) -> Around:
    """Return the rates of a schedule, and the lowest and highest numbers that agree with them.

    t: updates, int64, not decreasing; "up to there" means the earlier elements. The lowest may be below 0.
    """
    return _Known().compute_bounds(expand(schedule), t)


def has_combination(schedule: Schedule) -> bool:
    """Return whether a schedule is a combination, or has one somewhere inside."""
    return _Known().has_combination(expand(schedule))


def _apply_rule(schedule: Schedule, t: np.ndarray) -> Around:
    rates = schedule._compute_over(t)
    tolerance = EDGE * np.maximum.accumulate(rates)
    return Around(rates, rates - tolerance, rates + tolerance)


def _combine_each(combine: np.ufunc) -> Callable[[Around, Around], Around]:
    return lambda first, second: Around(*map(combine, first, second))


def _multiply(first: Around, second: Around) -> Around:
    """Multiply the product so far by another factor.

    The lowest and the highest product have one factor at its lowest or highest. Rates are not negative and rounding
    keeps their order, so the lowest times a rate is the lowest of all such products, to the bit.
    """
    exact = first.rates * second.rates
    lowest = np.minimum(first.lowest * second.rates, first.rates * second.lowest)
    highest = np.maximum(first.highest * second.rates, first.rates * second.highest)
    return Around(exact, np.minimum(exact, lowest), np.maximum(exact, highest))


_COMBINED = {Product: _multiply, Sum: _combine_each(np.add),
             Minimum: _combine_each(np.minimum), Maximum: _combine_each(np.maximum)}
_COMBINATIONS = (Product, Sum, Minimum, Maximum)


class _Known:
    """Computes tolerances, once for each inner schedule and each array of updates.

    A warm-up uses its inner schedule twice, for the updates after it and for its peak. Without this cache, thirty
    nested ones would compute the innermost a thousand million times.
    """

    def __init__(self) -> None:
        self._cached: dict[tuple[int, bytes], Around] = {}
        self._combining: dict[int, bool] = {}

    def compute_bounds(self, schedule: Schedule, t: np.ndarray) -> Around:
        if not self.has_combination(schedule):  # needs no inner schedules, of which there may be many
            return _apply_rule(schedule, t)
        key = (id(schedule), blake2b(t.data).digest())
        if key not in self._cached:
            self._cached[key] = self._compute(schedule, t)
        return self._cached[key]

    def has_combination(self, schedule: Schedule) -> bool:
        key = id(schedule)
        if key not in self._combining:
            self._combining[key] = isinstance(schedule,
                                              _COMBINATIONS) or any(map(self.has_combination, schedule.inner()))
        return self._combining[key]

    def _compute(self, schedule: Schedule, t: np.ndarray) -> Around:
        if isinstance(schedule, _COMBINATIONS):
            return reduce(_COMBINED[type(schedule)], (self.compute_bounds(member, t) for member in schedule.of))
        by_rule = _apply_rule(schedule, t)
        lowest, highest = (_replace_inner(schedule, self, side)._compute_over(t) for side in ("lowest", "highest"))
        return Around(by_rule.rates, np.minimum(by_rule.lowest, lowest), np.maximum(by_rule.highest, highest))


class _Side:
    """A schedule at its lowest or highest rates, with the methods that an outer schedule calls."""

    def __init__(self, schedule: Schedule, known: _Known, side: str) -> None:
        self._schedule, self._known, self._side = schedule, known, side

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        return getattr(self._known.compute_bounds(self._schedule, t), self._side)

    def _compute_at(self, t: int) -> float:
        return float(self._compute_over(np.array([t], np.int64))[0])

    def __getattr__(self, name: str) -> object:
        return getattr(self._schedule, name)


def _replace_inner(schedule: Schedule, known: _Known, side: str) -> Schedule:
    """Return a schedule whose inner schedules are at their lowest or highest."""
    def replace(value: object) -> object:
        if isinstance(value, tuple):
            return tuple(map(replace, value))
        return _Side(value, known, side) if isinstance(value, ScheduleModel) else value

    given = {name: replace(getattr(schedule, name)) for name in type(schedule).model_fields}
    return schedule.model_copy(update=given)
