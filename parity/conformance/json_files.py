"""Read a JSON file that somebody gave: strictly, and with one sentence for what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from frameworks.strict_json import parsed
from frameworks.whole_files import read_bounded


def read_json(path: Path, most: int, kind: str) -> Any:
    """Return what a file of at most `most` bytes holds. kind: what it is to be, for the message.

    Raises ValueError: unreadable, too large, not UTF-8, or what `parsed` refuses.
    """
    try:
        text = read_bounded(path, most, kind).decode("utf-8")
    except OSError as error:
        raise ValueError((error.strerror or str(error)).lower()) from None
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    return parsed(text)
