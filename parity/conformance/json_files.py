"""Read a JSON file that somebody gave, as frameworks/strict_json.py does, with one kind of error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from frameworks import strict_json
from frameworks.whole_files import reason


def read_json(path: Path, most: int, kind: str) -> Any:
    """Return what a file of at most `most` bytes holds. kind: what it is to be. Raises ValueError in one sentence."""
    try:
        return strict_json.read_json(path, most, kind)
    except (OSError, ValueError) as error:
        raise ValueError(reason(error)) from None
