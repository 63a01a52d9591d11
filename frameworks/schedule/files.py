"""Schedules as JSON and TOML, read strictly and written exactly.

Everything a file gets wrong is reported at once, one line a mistake: `file: field: rule, got value`.
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
from frameworks.schedule.mistakes import Mistake, RepeatedKeys, in_order, repeated, said
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

#: A schedule is a few hundred bytes; a megabyte is somebody's training log.
MAX_BYTES = 1 << 20

TOO_DEEP = f"nested too deeply, a schedule goes at most {MAX_DEPTH} deep"

#: A key of more parts than objects may be deep. tomllib takes memory that is quadratic in them: a gigabyte for 20 kB.
_DEEP_KEY = re.compile(
    r"""(?<![\w"'-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){%d}""" % MAX_DEPTH)  # noqa: UP031

Format = Literal["json", "toml"]
_FORMATS: dict[str, Format] = {".json": "json", ".toml": "toml"}


def read(path: str | os.PathLike[str]) -> Schedule:
    """Read the schedule in a `.json` or `.toml` file.

    Raises SpecificationError naming the file, for whatever keeps it from being read or understood.
    """
    name, text, format = read_text(path)
    return loads(text, format, name=name)


def read_text(path: str | os.PathLike[str]) -> tuple[str, str, Format]:
    """Read a `.json` or `.toml` file: how to name it, what it holds, and its format.

    Raises SpecificationError naming the file.
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
    """Understand a schedule written in JSON or TOML.

    Raises SpecificationError with one line for each mistake, each beginning with `name`.
    """
    return understood(parsed(text, format, name=name), name, ADAPTER.validate_python, said)


def understood(data: Any, name: str, validate: Callable[[Any], Any], say: Callable[[Any, Any], Mistake],
               worth_saying: Callable[[list], list] = list) -> Any:
    """Return what `validate` makes of parsed data. say: words one thing, of those worth saying, that pydantic found.

    Raises SpecificationError with one line for each mistake, each beginning with `name`, repeated keys among them.
    """
    found, value = repeated(data), None
    try:
        value = validate(data)
    except ValidationError as error:
        found += [say(detail, data) for detail in worth_saying(error.errors())]
    if found:
        raise SpecificationError([f"{name}: {line}" for line in in_order(found)])
    return value


def parsed(text: str, format: Format = "json", *, name: str = "text") -> Any:
    """Parse JSON, in which objects remember repeated keys, or TOML, without understanding what it says.

    Raises SpecificationError with one line that begins with `name`.
    """
    if not text.strip():
        raise SpecificationError([f"{name}: empty"])
    try:
        data = _parsed(text, format)
    except RecursionError:
        raise SpecificationError([f"{name}: {TOO_DEEP}"]) from None
    except ValueError as error:  # JSONDecodeError, TOMLDecodeError, an integer of thousands of digits
        raise SpecificationError([f"{name}: not {format.upper()}: {error}"]) from None
    if reason := find_excess(data, MAX_DEPTH):
        raise SpecificationError([f"{name}: {TOO_DEEP if reason == DEEP else reason}"])
    return data


def dumps(schedule: ScheduleModel | ParameterGroups | ReduceOnPlateau, format: Format = "json") -> str:
    """Write a schedule as JSON or TOML; `loads` gives an equal schedule back."""
    data = schedule.model_dump(mode="json", exclude_none=True)
    return json.dumps(data, indent=2) + "\n" if format == "json" else tomli_w.dumps(data)


def write(schedule: ScheduleModel | ParameterGroups | ReduceOnPlateau, path: str | os.PathLike[str]) -> None:
    """Write a schedule to a `.json` or `.toml` file; an existing one is replaced whole or not, and keeps its mode.

    Raises ValueError for another suffix, OSError if it cannot be written.
    """
    path = Path(path)
    format = _FORMATS.get(path.suffix.lower())
    if format is None:
        raise ValueError(f"the name must end in .json or .toml, got {path.name!r}")
    text = dumps(schedule, format)
    replace_whole({path: text.encode()})


def _parsed(text: str, format: Format) -> Any:
    if format == "toml":
        if _DEEP_KEY.search(text):
            raise RecursionError
        return tomllib.loads(text)
    return json.loads(text, object_pairs_hook=RepeatedKeys.of)
