"""Describes mistakes in a specification: each has a path, and a sentence with the value."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from frameworks.schedule.union import KINDS

#: The kind that depends on metrics, so it is not a schedule: frameworks/schedule/plateau.py.
METRIC_DRIVEN = "reduce_on_plateau"


class Mistake(NamedTuple):
    """Holds the place and the description of a mistake.

    path: for example `then.parts[1].updates`; empty for the specification itself.
    text: the rule that is broken, and the value.
    """

    path: str
    text: str


class RepeatedKeys(dict):
    """Stores a JSON object, and in `names` its keys that were given more than once."""

    names: tuple[str, ...] = ()

    @classmethod
    def from_pairs(cls, pairs: list[tuple[str, Any]]) -> RepeatedKeys:
        """Return the object for pairs of keys and values, as `json` passes them."""
        result = cls(pairs)
        seen: set[str] = set()
        result.names = tuple(dict.fromkeys(key for key, _ in pairs if key in seen or seen.add(key)))
        return result


#: The rule that is broken, by pydantic's type of the error; {..} are filled from pydantic's context.
_RULES = {
    "int_type": "must be an integer",
    "float_type": "must be a number",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be above {gt}",
    "bool_type": "must be true or false",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be below {lt}",
    "string_unicode": "must be text that UTF-8 can hold",
    "literal_error": "must be {expected}",
    "model_type": "must be {what}: an object with a kind",
    "model_attributes_type": "must be {what}: an object with a kind",
}


def find_repeated_keys(data: Any, path: str = "") -> list[Mistake]:
    """Return the keys that appear more than once in the same object, at any depth."""
    repeated = [Mistake(join(path, key), "given more than once") for key in getattr(data, "names", ())]
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(data, dict):
        items = data.items()
    elif isinstance(data, list):
        items = enumerate(data)
    for key, value in items:
        repeated += find_repeated_keys(value, join(path, key))
    return repeated


def format_mistakes(mistakes: list[Mistake]) -> list[str]:
    """Return one line for each mistake, in the same order, without repetitions."""
    return list(dict.fromkeys(f"{path}: {text}" if path else text for path, text in mistakes))


def describe_mistake(detail: Any, data: Any, kinds: Mapping[str, Any] = KINDS, what: str = "a schedule") -> Mistake:
    """Describe one error of pydantic in data that must be of one of some kinds.

    detail: pydantic's error.
    data: the data.
    kinds: the classes of these kinds, by name (default: all schedules).
    what: the name of valid data in messages (default: "a schedule").
    """
    path, parent = _locate(detail["loc"], data)
    kind = detail["type"]
    context = {name: _format_bound(value) for name, value in detail.get("ctx", {}).items()}
    got = f", got {shorten_value(detail['input'])}"
    if kind == "missing":
        return Mistake(path, f"missing; {what} of kind {parent['kind']!r} needs it")
    if kind == "extra_forbidden":
        fields = list(kinds[parent["kind"]].model_fields)
        return Mistake(path, f"unknown field{describe_nearest(str(detail['loc'][-1]), fields)}{got}")
    if kind == "union_tag_invalid":
        value = detail["input"]
        kind = value["kind"] if isinstance(value, dict) else value.kind
        if kind == METRIC_DRIVEN:
            return Mistake(join(path, "kind"), f"{kind} depends on metrics, so it is not a schedule; use read_plateau "
                                               f"and build_plateau, got {shorten_value(kind)}")
        return Mistake(join(path, "kind"),
                       f"unknown kind{describe_nearest(str(kind), list(kinds))}, got {shorten_value(kind)}")
    if kind == "union_tag_not_found":
        return Mistake(join(path, "kind"), f"missing; must be one of {', '.join(kinds)}")
    if isinstance(detail["input"], float) and not math.isfinite(detail["input"]):
        return Mistake(path, "must be finite" + got)
    if kind == "float_type" and type(detail["input"]) is int:
        return Mistake(path, "too large for a number" + got)
    rule = _RULES[kind].format(**context, what=what) if kind in _RULES else detail["msg"]
    return Mistake(path, rule + got)


def _locate(loc: tuple[int | str, ...], data: Any) -> tuple[str, Any]:
    """Return the path of an error, without the kinds in pydantic's location, and the object around it."""
    path = ""
    parent = data
    at_schedule = True
    for part in loc:
        if at_schedule and isinstance(data, dict):
            at_schedule = False  # this part is the kind
            continue
        path = join(path, part)
        parent = data if isinstance(data, dict) else parent
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            data = None
        at_schedule = isinstance(data, dict)
    return path, parent


def join(path: str, part: int | str) -> str:
    """Return a path with a field or an index added."""
    if isinstance(part, int):
        return f"{path}[{part}]"
    if not (part.isascii() and part.isidentifier()):
        part = json.dumps(part)  # one line for any key
    return f"{path}.{part}" if path else part


def describe_nearest(name: str, names: list[str]) -> str:
    """Return the end of a message: the most similar one of some names, or all of them."""
    near = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; must be one of {', '.join(names)}"


def shorten_value(value: Any) -> str:
    """Return a value as text of at most 60 characters."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    try:
        text = json.dumps(value, default=lambda item: item.model_dump() if hasattr(item, "model_dump") else str(item))
    except (TypeError, ValueError, RecursionError):  # not from a file: keys that are not text, a list inside itself
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."


def _format_bound(bound: Any) -> Any:
    """Return 1.0 as 1, and 1e+37 unchanged."""
    return repr(bound).removesuffix(".0") if isinstance(bound, float) else bound
