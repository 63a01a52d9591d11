"""JSON as somebody else wrote it: read strictly."""

from __future__ import annotations

import json
from typing import Any, NoReturn

#: Objects in objects, or lists in lists; a schedule in a document has fewer.
MAX_DEPTH = 100
DEEP = "nested too deeply"


def parsed(text: str) -> Any:
    """Return what a text holds.

    Raises ValueError: not JSON, nested too deeply, a NaN, a key given twice, an integer of a thousand digits.
    """
    try:
        data = json.loads(text, parse_constant=_refused, object_pairs_hook=_once)
    except RecursionError:
        raise ValueError(f"not JSON: {DEEP}") from None
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None
    if reason := find_excess(data, MAX_DEPTH):
        raise ValueError(reason)
    return data


def find_excess(data: Any, deepest: int) -> str:
    """Name what no document has: objects or lists more than `deepest` deep, or an integer of a thousand digits.

    Empty if there is none.
    """
    around = [(iter([data]), 0, 0)]  # what is being read, from the outermost in, with objects and lists around it
    while around:
        items, objects, lists = around[-1]
        for item in items:
            if isinstance(item, int) and item.bit_length() > 4096:
                return "an integer of more than a thousand digits"
            if isinstance(item, dict | list):
                is_object = isinstance(item, dict)
                around.append((iter(item.values() if is_object else item), objects + is_object, lists + 1 - is_object))
                break
        else:
            around.pop()
        if max(objects, lists) > deepest:
            return DEEP
    return ""


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(result := dict(pairs)) < len(pairs):
        raise ValueError("a key given more than once")
    return result
