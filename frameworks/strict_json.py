"""JSON from a user or another program, in a text or in a file: read strictly, what is wrong in one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from frameworks.whole_files import read_bounded

#: Objects in objects, or lists in lists; a schedule in a document has fewer.
MAX_DEPTH = 100
DEEP = "nested too deeply"


def read_json(path: Path, most: int, kind: str) -> Any:
    """Return what a file of at most `most` bytes holds. kind: what it is to be, for the message.

    Raises OSError, or ValueError: too large, or what `parse_json` refuses.
    """
    return parse_json(read_bounded(path, most, kind))


def parse_json(text: str | bytes) -> Any:
    """Return what a text holds, or bytes in UTF-8.

    Raises ValueError: not UTF-8, not JSON, nested too deeply, a NaN, a repeated key, an integer of a thousand digits.
    """
    try:
        text = text if isinstance(text, str) else text.decode("utf-8")
        data = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_refuse_repeated_keys)
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    except RecursionError:
        raise ValueError(f"not JSON: {DEEP}") from None
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None
    if reason := find_excess(data, MAX_DEPTH):
        raise ValueError(reason)
    return data


def find_excess(data: Any, deepest: int) -> str:
    """Name an excess of a document: nested more than `deepest` deep, or an integer of a thousand digits.

    Empty without an excess.
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


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")


def _refuse_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(result := dict(pairs)) < len(pairs):
        raise ValueError("a key given more than once")
    return result
