"""The types of the fields: rates, counts, lists of updates, and the class all schedules share."""

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

#: Counts stop where float64 stops counting exactly (and JSON numbers stop being portable).
MAX_COUNT = 2**53
#: Rates stop a little below the largest float32 (3.4e38), so that rate times gradient still fits.
MAX_RATE = 1e37
#: Positive numbers stop where some processors begin to flush them to 0.
MIN_POSITIVE = 1e-37
#: Schedules inside schedules: far more than anybody writes, far less than Python's recursion limit.
MAX_DEPTH = 64


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, np.integer | np.floating) else value


def _without_sign(value: float) -> float:
    return value + 0.0  # -0.0 + 0.0 is 0.0: the sign of a zero is no part of a rate


def _listed(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        raise PydanticCustomError("list", "must be a list")
    return tuple(value)


def _increasing(values: tuple[int, ...]) -> tuple[int, ...]:
    if any(b <= a for a, b in pairwise(values)):
        raise PydanticCustomError("increasing", "must be strictly increasing")
    return values


def _filled(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values:
        raise PydanticCustomError("filled", "must not be empty")
    return values


#: For numbers: NumPy's become Python's.
Number = BeforeValidator(_number)
#: A learning rate: finite, 0 or more, no unit (weights change by rate times gradient).
Rate = Annotated[
    float, Strict(), Field(ge=0, le=MAX_RATE, allow_inf_nan=False), AfterValidator(_without_sign), Number]
#: A positive real number.
Positive = Annotated[float, Strict(), Field(ge=MIN_POSITIVE, le=MAX_RATE, allow_inf_nan=False), Number]
#: What a rate is multiplied by at each drop: above 0, at most 1.
DropFactor = Annotated[float, Strict(), Field(gt=0, le=1, allow_inf_nan=False), Number]
#: A number of optimizer updates, 1 or more.
Count = Annotated[int, Strict(), Field(ge=1, le=MAX_COUNT), Number]
#: A number of optimizer updates, 0 or more.
CountFromZero = Annotated[int, Strict(), Field(ge=0, le=MAX_COUNT), Number]
#: For lists: a list or a tuple, nothing else that can be iterated over.
Listed = BeforeValidator(_listed)
#: For lists that need an item.
Filled = AfterValidator(_filled)
MIN_ITEMS = Field(json_schema_extra={"minItems": 1})  # says so in the JSON Schema
if TYPE_CHECKING:
    Items = Sequence
else:
    class Items:
        """`Items[X]`: a tuple of any length, to which pydantic turns a list. To a type checker any sequence."""

        def __class_getitem__(cls, item: Any) -> Any:
            return tuple[item, ...]


#: Strictly increasing updates, each 1 or more.
Updates = Annotated[Items[Count], Listed, AfterValidator(_increasing)]


@cache
def holding_fields(kind: type[ScheduleModel]) -> tuple[str, ...]:
    """Return the names of the fields of a kind that hold a schedule, or a list of them."""
    def holds(annotation: Any) -> bool:
        inner = get_args(annotation)  # in Python 3.10 tuple[int, ...] passes for a class too
        return any(map(holds, inner)) if inner else isinstance(annotation, type) and issubclass(
            annotation, ScheduleModel)

    return tuple(name for name, field in kind.model_fields.items() if holds(field.annotation))


class ScheduleModel(Model):
    """A schedule: a pure function of `t`, frozen, comparable, hashable.

    `t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.

    A kind of schedule defines `kind` (its name), `example` (the fields of a small one, as in a file), `_at` (its
    formula for one `t`), `_over` (the same for many), `horizon` and `largest`; and `formula`, an expression of `t` and
    the fields, from which `python -m parity port` writes code, unless a function there does.
    """

    example: ClassVar[dict[str, Any]]
    formula: ClassVar[str] = ""
    if TYPE_CHECKING:
        kind: Any

    def lr(self, t: int) -> float:
        """Return the rate (float64) of the update that `t` updates precede.

        Raises TypeError if `t` is no integer and ValueError if it is not from 0 to 2^53.
        """
        t = operator.index(t)
        if not 0 <= t <= MAX_COUNT:
            raise ValueError(f"t must be from 0 to 2^53, got {t}")
        return self._at(t)

    @abstractmethod
    def _at(self, t: int) -> float:
        """The formula, for one `t` that has been checked."""

    @abstractmethod
    def _over(self, t: np.ndarray) -> np.ndarray:
        """The formula for a non-decreasing int64 array of any length; float64, bit for bit what `_at` gives."""

    @property
    @abstractmethod
    def horizon(self) -> int:
        """The first `t` from which no further case of the formula begins (0: there is only one case)."""

    @property
    @abstractmethod
    def largest(self) -> float:
        """An upper bound of `lr(t)` over all `t`."""

    def inner(self) -> Iterator[ScheduleModel]:
        """The schedules that stand directly inside this one."""
        for name in holding_fields(type(self)):
            value = getattr(self, name)
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, ScheduleModel):
                    yield item

    @property
    def depth(self) -> int:
        """1 for a schedule with nothing inside."""
        return 1 + max((schedule.depth for schedule in self.inner()), default=0)

    @property
    def size(self) -> int:
        """How many schedules this one is made of: 1 for a schedule with nothing inside."""
        return 1 + sum(schedule.size for schedule in self.inner())

    @model_validator(mode="after")
    def _within_bounds(self) -> ScheduleModel:
        self._check_bounds()
        return self

    def _check_bounds(self) -> None:
        """Raise PydanticCustomError if it is too deep or its rates are too large."""
        if self.depth > MAX_DEPTH:
            raise PydanticCustomError("depth", "must be nested at most {limit} deep", {"limit": MAX_DEPTH})
        if self.largest > MAX_RATE:
            raise PydanticCustomError("largest", "may reach {largest}, but a rate must be at most {limit}",
                                      {"largest": self.largest, "limit": MAX_RATE})
