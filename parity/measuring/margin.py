"""How far from `lr(t)` an applied rate may be, as float64, before it is rounded: the lowest and the highest `x`.

As a rule 8 * 2^-53 of the largest rate of the schedule up to there, in both directions. A combination of schedules
(sum, product, minimum, maximum) may be small, and always have been, while a member's error is that of a large one: the
end of a cosine from 1, where 1 + cos cancels, multiplied by 1000 there and by nearly nothing before. Its margin is what
those of its members make of it, each of which has a largest rate of its own:

    sum                 the sum of the lowest, and of the highest
    product             one factor at its lowest, or highest, and the others as specified: whichever goes farthest
    minimum, maximum    the smallest, or largest, of the lowest, and of the highest
    any other kind      as a rule, or what it makes of the lowest and the highest of what stands in it, if that is
    around one          farther

So a bound that is in force leaves no room for what it cuts off, a factor of 0 none at all, and where all members are at
their largest this is the rule again. Of a schedule without combinations it is the rule, whatever stands in it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from frameworks.schedule import Maximum, Minimum, Product, Schedule, Sum, expanded
from frameworks.schedule.fields import ScheduleModel

EDGE = 8 * 2.0**-53


class Around(NamedTuple):
    """Rates, and the lowest and highest that agree with them: float64 arrays of one shape."""

    rates: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray


def around(schedule: Schedule, t: np.ndarray) -> Around:
    """Return what agrees with a schedule at a non-decreasing int64 array of updates: those "up to there", and itself.

    The lowest may be below 0, which is no rate.
    """
    return _Known().around(expanded(schedule), t)


def combines(schedule: Schedule) -> bool:
    """Whether a combination of schedules stands somewhere in a schedule, or is it."""
    return _Known().combines(expanded(schedule))


def _by_rule(schedule: Schedule, t: np.ndarray) -> Around:
    rates = schedule._over(t)
    margin = EDGE * np.maximum.accumulate(rates)
    return Around(rates, rates - margin, rates + margin)


def _each(combine: np.ufunc) -> Callable[[Around, Around], Around]:
    return lambda first, second: Around(*map(combine, first, second))


def _times(first: Around, second: Around) -> Around:
    """The product so far, times another factor.

    Each of its lowest and highest has one factor there. Rates are not negative and rounding keeps their order: so the
    lowest times a rate is the lowest of all such products, to the bit.
    """
    exact = first.rates * second.rates
    lowest = np.minimum(first.lowest * second.rates, first.rates * second.lowest)
    highest = np.maximum(first.highest * second.rates, first.rates * second.highest)
    return Around(exact, np.minimum(exact, lowest), np.maximum(exact, highest))


_COMBINED = {Product: _times, Sum: _each(np.add), Minimum: _each(np.minimum), Maximum: _each(np.maximum)}
_COMBINATIONS = (Product, Sum, Minimum, Maximum)


class _Known:
    """What agrees with the schedules that stand in one, each worked out once for the same updates.

    A warm-up asks what stands in it twice, for the updates after it and for its peak; thirty of them, one in another,
    would ask the innermost a thousand million times.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, bytes], Around] = {}
        self._combining: dict[int, bool] = {}

    def around(self, schedule: Schedule, t: np.ndarray) -> Around:
        if not self.combines(schedule):  # asks nothing of others, and there may be many
            return _by_rule(schedule, t)
        key = (id(schedule), blake2b(t.data).digest())
        if key not in self._known:
            self._known[key] = self._worked_out(schedule, t)
        return self._known[key]

    def combines(self, schedule: Schedule) -> bool:
        key = id(schedule)
        if key not in self._combining:
            self._combining[key] = isinstance(schedule, _COMBINATIONS) or any(map(self.combines, schedule.inner()))
        return self._combining[key]

    def _worked_out(self, schedule: Schedule, t: np.ndarray) -> Around:
        if isinstance(schedule, _COMBINATIONS):
            return reduce(_COMBINED[type(schedule)], (self.around(one, t) for one in schedule.of))
        found = _by_rule(schedule, t)
        rates = found.rates
        lowest, highest = (_with(schedule, self, side)._over(t) for side in ("lowest", "highest"))
        return Around(rates, np.minimum(found.lowest, lowest), np.maximum(found.highest, highest))


class _Side:
    """A schedule at its lowest, or highest: what another kind asks of one that stands in it."""

    def __init__(self, schedule: Schedule, known: _Known, side: str) -> None:
        self._schedule, self._known, self._side = schedule, known, side

    def _over(self, t: np.ndarray) -> np.ndarray:
        return getattr(self._known.around(self._schedule, t), self._side)

    def _at(self, t: int) -> float:
        return float(self._over(np.array([t], np.int64))[0])

    def __getattr__(self, name: str) -> object:
        return getattr(self._schedule, name)


def _with(schedule: Schedule, known: _Known, side: str) -> Schedule:
    """Return a schedule around others at their lowest or highest."""
    def changed(value: object) -> object:
        if isinstance(value, tuple):
            return tuple(map(changed, value))
        return _Side(value, known, side) if isinstance(value, ScheduleModel) else value

    given = {name: changed(getattr(schedule, name)) for name in type(schedule).model_fields}
    return schedule.model_copy(update=given)
