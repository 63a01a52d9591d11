"""Reads what users give to a library's command: a configuration file, or a text of command-line arguments.

A library of SOURCES that has configurations defines two names. read_config(text, scope) returns the call of one of its
READERS, in which a value that the text leaves open is a Name (see `read_open`). CONFIGS lists the forms of its texts. A
suffix of files is ".json". A beginning of words is "--" for command-line arguments, or "SOLVER.". An opening bracket
stands for every text that has one.
"""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from frameworks.schedule.files import MAX_BYTES
from frameworks.whole_files import describe_error, read_bounded
from parity.port.read.evaluate import Scope
from parity.port.read.literal import MAX_CHARACTERS, Name, PortError, shorten_text

#: Stands in CONFIGS for a text of command-line arguments.
ARGUMENTS = "--"
#: The beginnings of arguments that may change the rate, so that an unknown one is refused.
RATES = ("--lr", "--warmup", "--learning-rate", "--learning_rate", "--min-l", "--min_l")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")


def has_config(module: ModuleType, what: str) -> bool:
    """Return whether an argument of the command is a configuration of a library.

    module: the reader of the library. what: a text of command-line arguments, or the name of a file.
    """
    beginnings = tuple(form for form in _list_forms(module) if not form.startswith("."))
    brackets, words = [form for form in beginnings if form in "([{"], what.split()
    return is_config_file(module, what) or any(bracket in what for bracket in brackets) or any(
        word.startswith(beginnings) for word in words)


def is_config_file(module: ModuleType, what: str) -> bool:
    """Return whether an argument of the command names a configuration file of a library."""
    suffixes = tuple(form for form in _list_forms(module) if form.startswith("."))
    return bool(suffixes) and what.endswith(suffixes) and not any(sign in what for sign in "\n(")


def read_config_file(path: str) -> str:
    """Return the text of a configuration file of at most 1 MiB. Raises PortError with the name of the file."""
    try:
        return read_bounded(Path(path), MAX_BYTES, "configuration").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PortError(f"{path}: must be text in UTF-8") from None
    except (OSError, ValueError) as error:
        raise PortError(f"{path}: {describe_error(error) if isinstance(error, OSError) else error}") from None


def read_open(scope: Scope, name: str) -> Any:
    """Return the value that --set gives to a name, or the Name without a value."""
    known, value = scope.look_up(name)
    return value if known else Name(name, (name,))


def read_arguments(text: str, scope: Scope, options: Mapping[str, Any], *,
                   refused: Mapping[str, str] | None = None, rates: Iterable[str] = RATES) -> dict[str, Any]:
    """Return the values of the options in a text of command-line arguments, by name; $NAME has the value of --set.

    text: the arguments, at most 20,000 characters. scope: values of names.
    options: the function that converts the text of each option, such as {"--lr": float}. A list of one function: the
    option has several values. None: a flag, read as True.
    refused: why an option cannot be read (default: none). rates: beginnings of unknown options that are refused
    (default: RATES); other unknown options are ignored. Raises PortError, one line.
    """
    if len(text) > MAX_CHARACTERS:
        raise PortError(f"arguments have at most {MAX_CHARACTERS:,} characters, got {len(text):,}")
    parser = _Parser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    for option, convert in options.items():
        given: dict[str, Any] = {"action": "store_true"} if convert is None else (
            {"type": _follow(scope, convert[0]), "nargs": "+"} if isinstance(convert, list) else
            {"type": _follow(scope, convert)})
        parser.add_argument(option, dest=option, **given)
    try:
        words = shlex.split(text.replace("\\\n", " "), comments=True)
    except ValueError as error:
        raise PortError(f"not a text of arguments: {str(error).lower()}, got {shorten_text(text)!r}") from None
    values, others = parser.parse_known_args(words)
    for word in others:
        option = word.partition("=")[0]
        if option in (refused or {}):
            raise PortError(f"{option} cannot be ported: {(refused or {})[option]}")
        if option.startswith(tuple(rates)):
            raise PortError(f"{option} is unknown and may change the rate: leave it out, or port the constructor")
    return vars(values)


def read_list(text: str) -> list[float]:
    """Return the numbers of a text such as "0.1", "0.1,0.05" or "[0.1, 0.05]". Raises ValueError."""
    return [float(part) for part in text.strip().removeprefix("[").removesuffix("]").rstrip(",").split(",")]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise PortError(message)


def _follow(scope: Scope, convert: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a converter of an option's text, in which a variable of the shell has the value of --set."""
    def follow(text: str) -> Any:
        variable = _VARIABLE.fullmatch(text)
        return read_open(scope, variable[1] or variable[2]) if variable else convert(text)

    follow.__name__ = convert.__name__.removeprefix("read_")  # argparse names it: invalid float value
    return follow


def _list_forms(module: ModuleType) -> tuple[str, ...]:
    return getattr(module, "CONFIGS", ())
