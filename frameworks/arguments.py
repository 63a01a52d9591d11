"""Parses the arguments of every command: a mistake ends with one line and exit code 2."""

from __future__ import annotations

import argparse
import difflib
import math
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from frameworks import FRAMEWORKS, FrameworkMissingError, resolve_name
from frameworks.exit_codes import USAGE
from frameworks.streams import tidy_end


def run_main(main: Callable[[], int]) -> int:
    """Return the exit code of a command; report a framework that it cannot use in one line on stderr, with code 2."""
    try:
        return main()
    except FrameworkMissingError as error:
        print(error, file=sys.stderr)
        return USAGE


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line; its program's output may lose its reader."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        tidy_end()

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print a message. argparse's method ignores a stdout that cannot be written."""
        if file is not None and file is sys.stdout:
            file.write(message)
        else:
            super()._print_message(message, file)

    def error(self, message: str) -> NoReturn:
        """Print a message in one line on stderr and exit with code 2."""
        self.exit(USAGE, f"{self.prog}: {message}\n")


def build_choice_type(names: tuple[str, ...]) -> Callable[[str], str]:
    """Return the type of an argument that is one of some names; frameworks among them have synonyms."""
    def one(text: str) -> str:
        name = text if text in names else resolve_name(text)
        if name in names:
            return name
        near = difflib.get_close_matches(text, names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise argparse.ArgumentTypeError(f"must be one of {', '.join(names)}, got {text!r}{hint}")

    return one


framework = build_choice_type(FRAMEWORKS)
device = build_choice_type(("auto", "cpu", "gpu"))


def parse_count(text: str) -> int:
    """Return a whole number, 1 or more."""
    return _parse_whole(text, 1)


def parse_epochs(text: str) -> int:
    """Return a number of epochs, 1 to 10,000: a larger record is not read."""
    return _parse_whole(text, 1, 10_000)


def parse_seed(text: str) -> int:
    """Return a seed, 0 or more, which the random numbers of each framework accept."""
    return _parse_whole(text, 0, 2**31 - 1)


def parse_rate(text: str, noun: str = "rate") -> float:
    """Return a learning rate, from 0 to the largest of a specification. noun: names it in the error (default: rate)."""
    from frameworks.schedule.fields import MAX_RATE  # here, since few commands need it

    try:
        rate = float(text) + 0.0  # -0.0 has no sign then
    except ValueError:
        rate = math.nan
    if not 0 <= rate <= MAX_RATE:
        raise argparse.ArgumentTypeError(f"must be a {noun} from 0 to {MAX_RATE:g}, got {text!r}")
    return rate


def parse_counts(text: str) -> list[int]:
    """Return whole numbers, 1 or more, from text with commas."""
    return [parse_count(part) for part in text.split(",")]


def _parse_whole(text: str, least: int, most: int = 10**18 - 1) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18 or not least <= int(text) <= most:
        limits = f"from {least} to {most}" if most < 10**18 - 1 else f"of at least {least}"
        raise argparse.ArgumentTypeError(f"must be a whole number {limits}, got {text!r}")
    return int(text)
