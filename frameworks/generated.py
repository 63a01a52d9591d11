"""Files that a command writes: written anew, or compared with what it would write now (--check)."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path

from frameworks.exit_codes import FAILED


def add_check(parser: ArgumentParser) -> None:
    """Add the option --check."""
    parser.add_argument("--check", action="store_true", help="write nothing, say what is not current")


def update(texts: Mapping[str, str], folder: Path, command: str, *, check: bool) -> int:
    """Write files into a folder, or with `check` print a line for each that is not current. Returns the exit code.

    texts: what belongs into each file, by its path in the folder. command: what writes them.
    """
    if check:
        return printed(stale(texts, folder, command))
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return 0


def stale(texts: Mapping[str, str], folder: Path, command: str) -> list[str]:
    """Return a line for each file that is missing, or whose text is another; as `update`."""
    lines = []
    for name, text in texts.items():
        path = folder / name
        if not path.exists():
            lines.append(f"{name} is missing: {command}")
        elif (old := path.read_text(encoding="utf-8")) != text:
            lines.append(f"{name} is not current from line {_first_difference(old, text)}: {command}")
    return lines


def printed(lines: list[str]) -> int:
    """Print lines about what is not current. Returns the exit code."""
    for line in lines:
        print(line)
    return FAILED if lines else 0


def _first_difference(old: str, new: str) -> int:
    pairs = zip_longest(old.splitlines(keepends=True), new.splitlines(keepends=True))
    return next(number for number, (one, other) in enumerate(pairs, 1) if one != other)
