"""Reads `reduce_on_plateau` in JSON and TOML, as strictly as schedules. `dumps` and `write` write it."""

from __future__ import annotations

import os
from typing import Any

from frameworks.schedule.files import Format, SpecificationError, parse_text, read_text, validate_data
from frameworks.schedule.mistakes import (
    METRIC_DRIVEN,
    Mistake,
    describe_mistake,
    describe_nearest,
    find_repeated_keys,
    format_mistakes,
    shorten_value,
)
from frameworks.schedule.plateau import ReduceOnPlateau
from frameworks.schedule.union import KINDS

KIND = METRIC_DRIVEN
_WHAT = "a metric-driven schedule"


def read_plateau(path: str | os.PathLike[str]) -> ReduceOnPlateau:
    """Read the `reduce_on_plateau` in a `.json` or `.toml` file.

    path: the file.

    Raises SpecificationError, with the name of the file, if it cannot be read or has mistakes.
    """
    name, text, format = read_text(path)
    return loads_plateau(text, format, name=name)


def loads_plateau(text: str, format: Format = "json", *, name: str = "text") -> ReduceOnPlateau:
    """Read a `reduce_on_plateau` from a text in JSON or TOML.

    text: the text.
    format: "json" or "toml" (default: "json").
    name: begins each line of an error (default: "text").

    Raises SpecificationError with one line for each mistake.

    >>> loads_plateau('{"kind": "reduce_on_plateau", "base_lr": 0.1, "factor": 0.5, "patience": 2}').lr([])
    0.1
    """
    data = parse_text(text, format, name=name)
    if none := _find_kind_mistakes(data):
        raise SpecificationError([f"{name}: {line}" for line in format_mistakes([*find_repeated_keys(data), *none])])
    return validate_data(data, name, ReduceOnPlateau.model_validate, _describe_mistake)


def _describe_mistake(detail: Any, data: Any) -> Mistake:
    """Describe one error of pydantic; adds the kind to its location, as `describe_mistake` expects."""
    return describe_mistake({**detail, "loc": (KIND, *detail["loc"])}, data, {KIND: ReduceOnPlateau}, _WHAT)


def _find_kind_mistakes(data: Any) -> list[Mistake]:
    """Return the mistakes for which data is not a metric-driven schedule at all."""
    if not isinstance(data, dict):
        return [Mistake("", f"must be {_WHAT}: an object with a kind, got {shorten_value(data)}")]
    if "kind" not in data:
        return [Mistake("kind", f"missing; must be {KIND}")]
    kind = data["kind"]
    if kind == KIND:
        return []
    if isinstance(kind, str) and kind in KINDS:
        return [Mistake("kind", f"must be {KIND}; a schedule of kind {kind!r} is a function of t and needs no metrics")]
    return [Mistake("kind", f"unknown kind{describe_nearest(str(kind), [KIND])}, got {shorten_value(kind)}")]
