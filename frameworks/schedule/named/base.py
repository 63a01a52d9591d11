"""Defines the base class of composed kinds, and functions that put other kinds together.

A composed kind has fields, a docstring and rules as any other. Its rates are those of `composed`, a schedule of other
kinds. So no back end has a function for it: each builds the `expand` schedule, and finds built-in classes there.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic_core import PydanticCustomError

from frameworks.schedule.annealing import Annealing
from frameworks.schedule.curves import Cosine, Polynomial
from frameworks.schedule.fields import ScheduleModel, find_schedule_fields
from frameworks.schedule.model import SpecificationError
from frameworks.schedule.phases import Sequence, Warmup
from frameworks.schedule.steps import Constant

if TYPE_CHECKING:
    from frameworks.schedule.union import Schedule

Shape = Literal["linear", "cosine"]


class Named(ScheduleModel):
    """Computes its rates by a composition of other kinds. Each composed kind defines `_compose`."""

    __slots__ = ("_once",)  # not part of its value: not compared, copied, pickled or listed

    @abstractmethod
    def _compose(self) -> Schedule:
        """Return the composition; the fields have been checked."""

    @property
    def composed(self) -> Schedule:
        """Return the composition, which has equal rates, bit for bit. It is built once."""
        try:
            return self._once
        except AttributeError:
            object.__setattr__(self, "_once", self._compose())
        return self._once

    def _compute_at(self, t: int) -> float:
        return self.composed._compute_at(t)

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        return self.composed._compute_over(t)

    @property
    def horizon(self) -> int:
        """Return the horizon of the composition."""
        return self.composed.horizon

    @property
    def largest(self) -> float:
        """Return the bound of the composition."""
        return self.composed.largest

    @property
    def depth(self) -> int:
        """Return the depth of the composition."""
        return self.composed.depth

    @property
    def size(self) -> int:
        """Return the size of the composition."""
        return self.composed.size

    def _check_bounds(self) -> None:
        """Raise PydanticCustomError about this schedule if it or its composition is too deep or has mistakes."""
        try:
            _ = self.composed
        except SpecificationError as error:
            detail = error.details[0]
            words = detail["msg"]
            if detail["type"] not in ("depth", "largest"):
                words = f"cannot be composed: {'.'.join(map(str, detail['loc']))}: {words}"
            raise PydanticCustomError("composed", "{words}", {"words": words}) from None
        super()._check_bounds()


def expand(schedule: Schedule) -> Schedule:
    """Return the same schedule with each composed kind, at any depth, replaced by its composition.

    The rates are equal, bit for bit. A schedule without composed kinds is returned unchanged.

    schedule: the schedule.

    Raises TypeError if `schedule` is not a schedule.

    >>> from frameworks.schedule import Hold, Linear, expand
    >>> expand(Hold(updates=235, of=Linear(base_lr=0.3, updates=30))).of.kind
    'polynomial'
    """
    if not isinstance(schedule, ScheduleModel):
        raise TypeError(f"not a schedule: {schedule!r}")
    if isinstance(schedule, Named):
        return expand(schedule.composed)
    changed = {}
    for name in find_schedule_fields(type(schedule)):
        value = getattr(schedule, name)
        if isinstance(value, tuple):
            other = tuple(map(expand, value))
            other = value if all(new is old for new, old in zip(other, value)) else other
        else:
            other = expand(value)
        if other is not value:
            changed[name] = other
    return schedule.model_copy(update=changed) if changed else schedule


def build_curve(first: float, last: float, updates: int, shape: Shape) -> Schedule:
    """Return a schedule that moves along a line or half a cosine period from one rate to another, then holds it.

    If it increases, it is computed from `first`, so that a start near 0 loses no digits.

    first, last: rates, 0 or more.
    updates: updates before the first one at `last`, 1 or more.
    shape: "linear" or "cosine".
    """
    if first == last:
        return Constant(base_lr=last)
    if first < last:
        return Warmup(updates=updates, begin_lr=first, mode=shape, then=Constant(base_lr=last))
    if shape == "cosine":
        return Cosine(base_lr=first, final_lr=last, updates=updates)
    return Polynomial(base_lr=first, final_lr=last, power=1.0, updates=updates)


def build_curves(rates: Iterable[float], ends: Iterable[float], shape: Shape) -> Sequence:
    """Return curves from each rate to the next, one after another, that may end between two updates.

    A curve begins at the first update after its start, and so has partly passed there. One without an update is left
    out.

    rates: two or more rates.
    ends: the end of each curve, in updates, increasing.
    shape: "linear" or "cosine".
    """
    rates, ends = tuple(rates), (0.0, *ends)
    parts, starts = [], []
    for first, last, begin, end in zip(rates, rates[1:], ends, ends[1:]):
        start = math.ceil(begin)
        if start < math.ceil(end) or end == ends[-1]:
            parts.append(Annealing(shape=shape, base_lr=first, final_lr=last, updates=end - begin,
                                   elapsed=start - begin))
            starts.append(start)
    return Sequence(parts=parts, boundaries=starts[1:])
