"""Builds and changes nested schedules without validation.

A mistake may give a schedule that is not valid, and the validation of thousands of schedules would be slow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import numpy as np

from frameworks.schedule import Constant, Schedule, Sequence, Shift
from frameworks.schedule.fields import ScheduleModel, find_schedule_fields

#: The field that holds a schedule, and its index in the list of that field (0 if it is not a list).
Place = tuple[str, int]


def iterate_places(schedule: Schedule) -> Iterator[tuple[Place, Schedule]]:
    """Yield each schedule directly inside another: its place, and the schedule."""
    for name in find_schedule_fields(type(schedule)):
        value = getattr(schedule, name)
        for index, item in enumerate(value if isinstance(value, tuple) else (value,)):
            if isinstance(item, ScheduleModel):
                yield (name, index), item


def replace_at(schedule: Schedule, place: Place, other: Schedule) -> Schedule:
    """Return a copy with another schedule in one place."""
    name, index = place
    value = getattr(schedule, name)
    changed = (*value[:index], other, *value[index + 1:]) if isinstance(value, tuple) else other
    return schedule.model_copy(update={name: changed})


def change_inner(schedule: Schedule, change: Callable[[Schedule], Schedule]) -> Schedule:
    """Return a copy in which each schedule directly inside it is changed."""
    changed = {}
    for name in find_schedule_fields(type(schedule)):
        value = getattr(schedule, name)
        changed[name] = tuple(map(change, value)) if isinstance(value, tuple) else change(value)
    return schedule.model_copy(update=changed)


def join(parts: Iterable[Schedule], boundaries: Iterable[int]) -> Sequence:
    """Return a sequence: one schedule after another."""
    return Sequence.model_construct(parts=tuple(parts), boundaries=tuple(boundaries))


def constant(rate: float) -> Constant:
    """Return a constant rate."""
    return Constant.model_construct(base_lr=rate)


def shift(by: int, of: Schedule) -> Shift:
    """Return a schedule without its first `by` updates."""
    return Shift.model_construct(by=by, of=of)


class Asked(ScheduleModel):
    """A schedule that computes its rates by `how(of, t)`, in float64. It is not part of the specification."""

    kind: Literal["asked"] = "asked"
    of: Any
    how: Callable[[Any, int], float]

    def _compute_at(self, t: int) -> float:
        return self.how(self.of, t)

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        return np.array([self._compute_at(update) for update in t.tolist()], np.float64)

    @property
    def horizon(self) -> int:
        """The horizon of `of`."""
        return self.of.horizon

    @property
    def largest(self) -> float:
        """The largest rate of `of`."""
        return self.of.largest


def wrap(of: Any, how: Callable[[Any, int], float]) -> Asked:
    """Return a schedule whose rate at t is `how(of, t)`."""
    return Asked.model_construct(of=of, how=how)
