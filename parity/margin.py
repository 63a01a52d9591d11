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

from functools import reduce
from typing import NamedTuple

import numpy as np

from frameworks.schedule import Maximum, Minimum, Product, Schedule, Sum, expanded
from frameworks.schedule.fields import ScheduleModel

EDGE = 8 * 2.0**-53
_COMBINED = {Sum: np.add, Minimum: np.minimum, Maximum: np.maximum}


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
    return _combines(expanded(schedule))


def _combines(schedule: Schedule) -> bool:
    return isinstance(schedule, (Product, *_COMBINED)) or any(map(_combines, schedule.inner()))


def _product(factors: list[Around]) -> Around:
    rates = [one.rates for one in factors]
    exact = reduce(np.multiply, rates)
    lowest, highest = exact, exact
    for index, one in enumerate(factors):
        before, after = rates[:index], rates[index + 1:]
        lowest = np.minimum(lowest, reduce(np.multiply, [*before, one.lowest, *after]))
        highest = np.maximum(highest, reduce(np.multiply, [*before, one.highest, *after]))
    return Around(exact, lowest, highest)


class _Known:
    """What agrees with the schedules that stand in one, each worked out once for the same updates.

    A warm-up asks what stands in it twice, for the updates after it and for its peak; thirty of them, one in another,
    would ask the innermost a thousand million times.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, bytes], Around] = {}

    def around(self, schedule: Schedule, t: np.ndarray) -> Around:
        key = (id(schedule), t.tobytes())
        if key not in self._known:
            self._known[key] = self._worked_out(schedule, t)
        return self._known[key]

    def _worked_out(self, schedule: Schedule, t: np.ndarray) -> Around:
        if isinstance(schedule, Product):
            return _product([self.around(one, t) for one in schedule.of])
        if isinstance(schedule, tuple(_COMBINED)):
            combine = _COMBINED[type(schedule)]
            return Around(*(reduce(combine, side) for side in zip(*(self.around(one, t) for one in schedule.of))))
        rates = schedule._over(t)
        margin = EDGE * np.maximum.accumulate(rates)
        found = Around(rates, rates - margin, rates + margin)
        if not _combines(schedule):
            return found
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
