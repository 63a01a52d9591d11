"""What all specifications are: frozen data, whose constructors report mistakes as files do, each in a line."""

from __future__ import annotations

import inspect
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError


class SpecificationError(ValueError):
    """What is wrong with a specification: `mistakes` has one line for each mistake, and so has the message.

    details: what pydantic found, where a constructor was called.
    """

    def __init__(self, mistakes: list[str], details: list[Any] | None = None) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes
        self.details = details or []


class Model(BaseModel):
    """A specification. Its constructor raises SpecificationError with one line for each mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __init__(self, /, *unnamed: Any, **fields: Any) -> None:
        if unnamed:
            names = ", ".join(name for name in type(self).model_fields if name != "kind")
            raise SpecificationError([f"{type(self).__name__}: must be called with the names of its fields ({names}), "
                                      f"got {len(unnamed)} without a name"])
        try:
            self.__pydantic_validator__.validate_python(fields, self_instance=self)
        except ValidationError as error:
            from frameworks.schedule.constructors import describe  # which imports every model

            details = error.errors()
            raise SpecificationError(describe(type(self), details, fields), details) from None

    # as pydantic's own: files and nested objects are read without calling it, and signatures have the fields only
    __init__.__pydantic_base_init__ = True  # pyright: ignore[reportFunctionMemberAccess]  (pydantic's own mark)
    __init__.__signature__ = inspect.signature(BaseModel.__init__)
