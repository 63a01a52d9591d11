"""Defines the types of fields (rates, counts, lists of updates) and the base class of all schedules."""

from __future__ import annotations

import operator
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, get_args

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field, Strict, model_validator
from pydantic_core import PydanticCustomError

from frameworks.schedule.model import Model

#: The largest count: up to it, float64 is exact and numbers in JSON are portable.
MAX_COUNT = 2**53
#: The largest rate, below the largest float32 (3.4e38), so that rate times gradient still fits.
MAX_RATE = 1e37
#: The smallest positive number: some processors flush smaller ones to 0.
MIN_POSITIVE = 1e-37
#: The largest depth of schedules inside schedules, far below Python's recursion limit.
MAX_DEPTH = 64


def _convert_number(value: Any) -> Any:
    return value.item() if isinstance(value, np.integer | np.floating) else value


def _drop_sign(value: float) -> float:
    return value + 0.0  # -0.0 + 0.0 is 0.0: a rate of 0 has no sign


def _check_list(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        raise PydanticCustomError("list", "must be a list")
    return tuple(value)


def _check_increasing(values: tuple[int, ...]) -> tuple[int, ...]:
    if any(b <= a for a, b in pairwise(values)):
        raise PydanticCustomError("increasing", "must be strictly increasing")
    return values


def _check_filled(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values:
        raise PydanticCustomError("filled", "must not be empty")
    return values


#: For numbers: converts NumPy's to Python's.
Number = BeforeValidator(_convert_number)
#: A learning rate, 0 to 1e37, without a unit: weights change by rate times gradient.
Rate = Annotated[
    float, Strict(), Field(ge=0, le=MAX_RATE, allow_inf_nan=False), AfterValidator(_drop_sign), Number]
#: A positive real number, 1e-37 to 1e37.
Positive = Annotated[float, Strict(), Field(ge=MIN_POSITIVE, le=MAX_RATE, allow_inf_nan=False), Number]
#: A factor of the rate at each drop: above 0, at most 1.
DropFactor = Annotated[float, Strict(), Field(gt=0, le=1, allow_inf_nan=False), Number]
#: A number of optimizer updates, 1 to 2^53.
Count = Annotated[int, Strict(), Field(ge=1, le=MAX_COUNT), Number]
#: A number of optimizer updates, 0 to 2^53.
CountFromZero = Annotated[int, Strict(), Field(ge=0, le=MAX_COUNT), Number]
#: For lists: accepts a list or a tuple, and rejects other iterables.
Listed = BeforeValidator(_check_list)
#: For lists: rejects an empty one.
Filled = AfterValidator(_check_filled)
MIN_ITEMS = Field(json_schema_extra={"minItems": 1})  # the same rule in the JSON Schema
if TYPE_CHECKING:
    from frameworks.schedule.picture import Picture

    Items = Sequence
else:
    class Items:
        """`Items[X]`: a tuple of any length, to which pydantic turns a list. To a type checker any sequence."""

        def __class_getitem__(cls, item: Any) -> Any:
            return tuple[item, ...]


#: Strictly increasing updates, each 1 or more.
Updates = Annotated[Items[Count], Listed, AfterValidator(_check_increasing)]


@cache
def find_schedule_fields(kind: type[ScheduleModel]) -> tuple[str, ...]:
    """Return the names of the fields of a kind that hold a schedule or a list of schedules."""
    def holds(annotation: Any) -> bool:
        inner = get_args(annotation)  # in Python 3.10 tuple[int, ...] is a type too
        return any(map(holds, inner)) if inner else isinstance(annotation, type) and issubclass(
            annotation, ScheduleModel)

    return tuple(name for name, field in kind.model_fields.items() if holds(field.annotation))


class ScheduleModel(Model):
    """Maps each update to a rate, as a pure function of `t`; it is frozen, comparable and hashable.

    `t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.

    A kind of schedule defines:

    kind: its name.
    example: the fields of a small one, as in a file.
    _compute_at: the formula for one `t`.
    _compute_over: the same for many.
    horizon, largest: as described below.
    formula: an expression of `t` and the fields, from which `python -m parity port` writes code (default: "", a
      function there writes it).
    """

    example: ClassVar[dict[str, Any]]
    formula: ClassVar[str] = ""
    if TYPE_CHECKING:
        kind: Any

    def lr(self, t: int) -> float:
        """Return the rate (float64) of the update that `t` updates precede.

        t: number of updates already made, 0 to 2^53.

        Raises TypeError if `t` is not an integer, and ValueError if it is out of this range.
        """
        t = operator.index(t)
        if not 0 <= t <= MAX_COUNT:
            raise ValueError(f"t must be from 0 to 2^53, got {t}")
        return self._compute_at(t)

    def plot(self, updates: int | None = None, title: str | None = None) -> Picture:
        """Return a picture (SVG) of the first rates, at most one for each pixel, which a notebook draws.

        updates: their number, 1 to 2^53 (default: 1.25 times the horizon, at least 50).
        title: the text above (default: the kind).

        Raises TypeError if an argument is of another type, and ValueError if `updates` is out of this range.
        """
        from frameworks.schedule.picture import draw  # here, since it imports this module

        return draw(self, updates, title)

    def _repr_svg_(self) -> str:
        return self.plot().svg

    def _repr_html_(self) -> str:
        from frameworks.schedule.picture import draw_page

        return draw_page(self)

    @abstractmethod
    def _compute_at(self, t: int) -> float:
        """Return the rate for one `t` that has been checked."""

    @abstractmethod
    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        """Return the float64 rates of a non-decreasing int64 array, equal to `_compute_at` bit for bit."""

    @property
    @abstractmethod
    def horizon(self) -> int:
        """Return the first `t` from which no further case of the formula begins; 0 if there is only one case."""

    @property
    @abstractmethod
    def largest(self) -> float:
        """Return an upper bound of `lr(t)` over all `t`."""

    def inner(self) -> Iterator[ScheduleModel]:
        """Yield the schedules directly inside this one."""
        for name in find_schedule_fields(type(self)):
            value = getattr(self, name)
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, ScheduleModel):
                    yield item

    @property
    def depth(self) -> int:
        """Return the number of nested levels: 1 for a schedule with nothing inside."""
        return 1 + max((schedule.depth for schedule in self.inner()), default=0)

    @property
    def size(self) -> int:
        """Return the number of schedules in this one: 1 for a schedule with nothing inside."""
        return 1 + sum(schedule.size for schedule in self.inner())

    @model_validator(mode="after")
    def _validate_bounds(self) -> ScheduleModel:
        self._check_bounds()
        return self

    def _check_bounds(self) -> None:
        """Raise PydanticCustomError if the schedule is too deep or its rates are too large."""
        if self.depth > MAX_DEPTH:
            raise PydanticCustomError("depth", "must be nested at most {limit} deep", {"limit": MAX_DEPTH})
        if self.largest > MAX_RATE:
            raise PydanticCustomError("largest", "may reach {largest}, but a rate must be at most {limit}",
                                      {"largest": self.largest, "limit": MAX_RATE})
