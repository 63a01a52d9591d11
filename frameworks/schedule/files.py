"""Reads schedules in JSON and TOML strictly, and writes them exactly.

All mistakes in a file are reported at once, in a line each: `file: field: rule, got value`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import tomli_w
from pydantic import ValidationError

from frameworks.schedule.fields import MAX_DEPTH, ScheduleModel
from frameworks.schedule.mistakes import Mistake, RepeatedKeys, describe_mistake, find_repeated_keys, format_mistakes
from frameworks.schedule.model import SpecificationError
from frameworks.schedule.union import ADAPTER, Schedule
from frameworks.strict_json import DEEP, find_excess
from frameworks.whole_files import read_bounded, replace_whole

if TYPE_CHECKING:
    from frameworks.schedule.groups import ParameterGroups
    from frameworks.schedule.plateau import ReduceOnPlateau

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib  # pyright: ignore[reportMissingImports]  (installed there only)

#: The largest size of a file. A schedule has a few hundred bytes.
MAX_BYTES = 1 << 20

TOO_DEEP = f"nested too deeply, a schedule goes at most {MAX_DEPTH} deep"

#: A key with more parts than objects may be deep. tomllib needs memory quadratic in them: a gigabyte for 20 kB.
_DEEP_KEY = re.compile(
    r"""(?<![\w"'-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){%d}""" % MAX_DEPTH)  # noqa: UP031

Format = Literal["json", "toml"]
_FORMATS: dict[str, Format] = {".json": "json", ".toml": "toml"}


def read(path: str | os.PathLike[str]) -> Schedule:
    """Read the schedule in a `.json` or `.toml` file.

    path: the file.

    Raises SpecificationError, with the name of the file, if it cannot be read or has mistakes.
    """
    name, text, format = read_text(path)
    return loads(text, format, name=name)


def read_text(path: str | os.PathLike[str]) -> tuple[str, str, Format]:
    """Read a `.json` or `.toml` file, and return its printable name, its text and its format.

    Raises SpecificationError, with the name of the file, if it cannot be read.
    """
    path = Path(path)
    name = str(path) if str(path).isprintable() else ascii(str(path))
    format = _FORMATS.get(path.suffix.lower())
    if format is None:
        raise SpecificationError([f"{name}: the name must end in .json or .toml"])
    try:
        content = read_bounded(path, MAX_BYTES, "schedule")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SpecificationError([f"{name}: {reason[0].lower()}{reason[1:]}"]) from None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SpecificationError([f"{name}: not UTF-8 (byte {error.start})"]) from None
    return name, text, format


def loads(text: str, format: Format = "json", *, name: str = "text") -> Schedule:
    """Read a schedule from a text in JSON or TOML.

    text: the text.
    format: "json" or "toml" (default: "json").
    name: begins each line of an error (default: "text").

    Raises SpecificationError with one line for each mistake.
    """
    return validate_data(parse_text(text, format, name=name), name, ADAPTER.validate_python, describe_mistake)


def validate_data(data: Any, name: str, validate: Callable[[Any], Any], say: Callable[[Any, Any], Mistake],
                  worth_saying: Callable[[list], list] = list) -> Any:
    """Return the result of `validate` for parsed data.

    data: the parsed data.
    name: begins each line of an error.
    validate: builds the result from the data; raises pydantic's ValidationError.
    say: describes one error of pydantic in the data.
    worth_saying: selects the errors to describe (default: all).

    Raises SpecificationError with one line for each mistake, repeated keys included.
    """
    mistakes, value = find_repeated_keys(data), None
    try:
        value = validate(data)
    except ValidationError as error:
        mistakes += [say(detail, data) for detail in worth_saying(error.errors())]
    if mistakes:
        raise SpecificationError([f"{name}: {line}" for line in format_mistakes(mistakes)])
    return value


def parse_text(text: str, format: Format = "json", *, name: str = "text") -> Any:
    """Parse JSON, in which objects remember repeated keys, or TOML, and do not validate it.

    Raises SpecificationError with one line that begins with `name`.
    """
    if not text.strip():
        raise SpecificationError([f"{name}: empty"])
    try:
        data = _parse(text, format)
    except RecursionError:
        raise SpecificationError([f"{name}: {TOO_DEEP}"]) from None
    except ValueError as error:  # JSONDecodeError, TOMLDecodeError, an integer of thousands of digits
        raise SpecificationError([f"{name}: not {format.upper()}: {error}"]) from None
    if reason := find_excess(data, MAX_DEPTH):
        raise SpecificationError([f"{name}: {TOO_DEEP if reason == DEEP else reason}"])
    return data


def dumps(schedule: ScheduleModel | ParameterGroups | ReduceOnPlateau, format: Format = "json") -> str:
    """Return a schedule as a text in JSON or TOML; `loads` returns an equal schedule.

    schedule: a schedule, parameter groups or a reduce_on_plateau; the last two have other functions that read them.
    format: "json" or "toml" (default: "json").
    """
    data = schedule.model_dump(mode="json", exclude_none=True)
    return json.dumps(data, indent=2) + "\n" if format == "json" else tomli_w.dumps(data)


def write(schedule: ScheduleModel | ParameterGroups | ReduceOnPlateau, path: str | os.PathLike[str]) -> None:
    """Write a schedule to a `.json` or `.toml` file; replaces an existing one as a whole, and keeps its mode.

    schedule: a schedule, parameter groups or a reduce_on_plateau.
    path: the file.

    Raises ValueError for another suffix, and OSError if the file cannot be written.
    """
    path = Path(path)
    format = _FORMATS.get(path.suffix.lower())
    if format is None:
        raise ValueError(f"the name must end in .json or .toml, got {path.name!r}")
    text = dumps(schedule, format)
    replace_whole({path: text.encode()})


def _parse(text: str, format: Format) -> Any:
    if format == "toml":
        if _DEEP_KEY.search(text):
            raise RecursionError
        return tomllib.loads(text)
    return json.loads(text, object_pairs_hook=RepeatedKeys.from_pairs)
