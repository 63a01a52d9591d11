"""Read a JSON file that somebody gave: strictly, and with one sentence for what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from frameworks.strict_json import parsed


def read_json(path: Path) -> Any:
    """Return what a file holds. Raises ValueError: unreadable, not UTF-8, or what `parsed` refuses."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError((error.strerror or str(error)).lower()) from None
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    return parsed(text)
