"""Defines the base class of specifications: frozen data whose constructors report all mistakes at once."""

from __future__ import annotations

import inspect
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError


class SpecificationError(ValueError):
    """Reports the mistakes in a specification, in a line each.

    mistakes: the lines.
    details: pydantic's errors, if a constructor was called (default: none).
    """

    def __init__(self, mistakes: list[str], details: list[Any] | None = None) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes
        self.details = details or []


class Model(BaseModel):
    """Holds a specification; its constructor raises SpecificationError with one line for each mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __init__(self, /, *unnamed: Any, **fields: Any) -> None:
        if unnamed:
            names = ", ".join(name for name in type(self).model_fields if name != "kind")
            raise SpecificationError([f"{type(self).__name__}: must be called with the names of its fields ({names}), "
                                      f"got {len(unnamed)} without a name"])
        try:
            self.__pydantic_validator__.validate_python(fields, self_instance=self)
        except ValidationError as error:
            from frameworks.schedule.constructors import describe  # here, since it imports every model

            details = error.errors()
            raise SpecificationError(describe(type(self), details, fields), details) from None

    # as in pydantic's class: validation of files and nested objects does not call it, and signatures show the fields
    __init__.__pydantic_base_init__ = True  # pyright: ignore[reportFunctionMemberAccess]  (pydantic's mark)
    __init__.__signature__ = inspect.signature(BaseModel.__init__)


def shorten_text(text: str) -> str:
    """Return a text for a message: in one line, cut to 60 characters."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


def build_bound_check(field: str, other: str, error: Any, most: bool = False) -> Any:
    """Return a validator: a field must be at least, or at most, another one.

    field, other: their names; the other one stands before it. error: pydantic's type of the error. most: "at most"
    (default: "at least"). None is without a bound, and so is a number beside another one that is refused.
    """
    def check(value: float | None, info: ValidationInfo) -> float | None:
        bound = info.data.get(other, value)
        if value is not None and (value > bound if most else value < bound):
            text: Any = f"must be at {'most' if most else 'least'} {other} ({{{other}}})"
            raise PydanticCustomError(error, text, {other: bound})
        return value

    return field_validator(field)(check)
