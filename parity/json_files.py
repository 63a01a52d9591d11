"""Read a JSON file that somebody gave: strictly, and with one sentence for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn


def read_json(path: Path) -> Any:
    """Return what a file holds. Raises ValueError: unreadable, not UTF-8, not JSON, a NaN, a key given twice."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError((error.strerror or str(error)).lower()) from None
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    try:
        return json.loads(text, parse_constant=_refused, object_pairs_hook=_once)
    except RecursionError:
        raise ValueError("not JSON: nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(result := dict(pairs)) < len(pairs):
        raise ValueError("a key given more than once")
    return result
