"""Writes generated files, or compares them with what would be written now (--check)."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path

from frameworks.arguments import Parser
from frameworks.exit_codes import FAILED, UNEXPECTED
from frameworks.whole_files import describe_error, read_bounded, replace_whole

ROOT = Path(__file__).resolve().parents[1]
#: The most bytes of a generated file.
MOST = 64 << 20


def parse_arguments(parser: Parser, arguments: list[str] | None) -> Namespace:
    """Add the option --check and parse the arguments.

    Ends with exit code 2 outside a clone of this project: generated files are not in the package.
    """
    parser.add_argument("--check", action="store_true", help="write nothing; list the files that are not current")
    chosen = parser.parse_args(arguments)
    if not (ROOT / "pyproject.toml").exists():
        parser.error("needs a clone of this project: it writes files that are not in the package")
    return chosen


def update(texts: Mapping[str, str], folder: Path, command: str, *, check: bool) -> int:
    """Write files into a folder, or with `check` print a line for each that is not current. Returns the exit code.

    A file that cannot be written is one line on stderr, and exit code 1.
    texts: what belongs into each file, by its path in the folder. command: what writes them.
    """
    if check:
        return print_stale(find_stale(texts, folder, command))
    try:
        for name in texts:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
        replace_whole({folder / name: text.encode() for name, text in texts.items()})
    except OSError as error:
        print(f"{error.filename or folder}: cannot be written: {describe_error(error)}", file=sys.stderr)
        return UNEXPECTED
    return 0


def find_stale(texts: Mapping[str, str], folder: Path, command: str) -> list[str]:
    """Return a line for each file that is missing, that cannot be read, or whose text is another; as `update`."""
    lines = []
    for name, text in texts.items():
        try:
            if (old := read_bounded(folder / name, MOST, "generated file")) != text.encode():
                lines.append(f"{name} is not current from line {_find_first_difference(old, text.encode())}: {command}")
        except FileNotFoundError:
            lines.append(f"{name} is missing: {command}")
        except (OSError, ValueError) as error:
            lines.append(f"{name} cannot be read, {describe_error(error)}: {command}")
    return lines


def print_stale(lines: list[str]) -> int:
    """Print lines about what is not current. Returns the exit code."""
    for line in lines:
        print(line)
    return FAILED if lines else 0


def _find_first_difference(old: bytes, new: bytes) -> int:
    pairs = zip_longest(old.splitlines(keepends=True), new.splitlines(keepends=True))
    return next(number for number, (first, other) in enumerate(pairs, 1) if first != other)
