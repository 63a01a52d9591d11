"""Remembers which optimizers are being recorded; for back ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from frameworks.record import Rates
from frameworks.record_rows import RecordError

#: The optimizers that are being recorded, by identity.
_RECORDED: set[int] = set()
#: The warning about an optimizer that is not recorded.
OTHER = "update {0}: another optimizer, {1}, updates the recorded parameters: its updates are not recorded"


def begin(optimizer: object, file: str | Path | None, start: int) -> Rates:
    """Return the Rates of an optimizer that is not being recorded. Raises RecordError."""
    if id(optimizer) in _RECORDED:
        raise RecordError(f"this {type(optimizer).__name__} is already being recorded: close the first recording")
    rates = Rates(file, start)
    _RECORDED.add(id(optimizer))
    rates.attach(lambda: _RECORDED.discard(id(optimizer)))
    return rates


def list_inner(owner: Any, kind: type) -> list[Any]:
    """Return the objects of a kind that an object has as attributes, also in lists and dicts, and those inside them.

    owner: an optimizer, not in the list. kind: the class of optimizers.
    """
    inner: list[Any] = []
    values, seen = list(vars(owner).values()), {id(owner)}
    for value in values:
        value = getattr(value, "__self__", value)  # of a method
        if id(value) in seen:
            continue
        if isinstance(value, kind):
            inner.append(value)
        if isinstance(value, kind | list | tuple | set | dict):
            seen.add(id(value))
            values += (value.values() if isinstance(value, dict) else vars(value).values() if isinstance(value, kind)
                       else value)
    return inner
