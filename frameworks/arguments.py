"""What the commands have in common: arguments that answer a mistake with one line and exit code 2."""

from __future__ import annotations

import argparse
import difflib
from typing import NoReturn

from frameworks import FRAMEWORKS


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def framework(text: str) -> str:
    """One of the frameworks' names."""
    if text in FRAMEWORKS:
        return text
    near = difflib.get_close_matches(text, FRAMEWORKS, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise argparse.ArgumentTypeError(f"must be one of {', '.join(FRAMEWORKS)}, got {text!r}{hint}")


def count(text: str) -> int:
    """A whole number, 1 or more."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, got {text!r}")
    return number


def counts(text: str) -> list[int]:
    """Whole numbers, 1 or more, separated by commas."""
    return [count(part) for part in text.split(",")]
