"""Reads the cases of the gate from the .toml and .json files of this folder; README.md shows how to add one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from frameworks import FRAMEWORKS
from frameworks.schedule import Schedule, SpecificationError
from frameworks.schedule.fields import Count
from frameworks.schedule.files import parse_text, read_text, validate_data
from frameworks.schedule.mistakes import Mistake, describe_mistake, describe_nearest, shorten_value
from parity.measuring.compare import count_compared_updates

FOLDER = Path(__file__).resolve().parent
#: The order of this project's own files, and so of the vectors' ids and of the table; others follow by name.
FILES = ("chapter", "per_epoch", "book", "edges", "nested", "annealing", "cycles", "rounds", "combinations", "named")
MAX_UPDATES = 1_000_000
#: Files with cases of other kinds: groups.py and plateau.py read them.
OTHER_FILES = ("groups", "plateau")

if TYPE_CHECKING:
    Framework = str
else:
    #: The name of a framework.
    Framework = Literal[FRAMEWORKS]


def _check_line(text: str) -> str:
    if not text.strip() or "|" in text or not text.isprintable():
        raise PydanticCustomError("line", "must be a line of text without |")
    return text


def _check_sorted(names: list[str]) -> list[str]:
    if names != sorted(set(names)):
        raise PydanticCustomError("sorted", "must be sorted, each name once")
    return names


class Record(BaseModel):
    """The fields that every case has.

    description: one sentence, or a few.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    description: Annotated[str, AfterValidator(_check_line)]


class Case(Record):
    """A schedule that every framework has to apply.

    schedule: as in a specification file.
    updates: how many updates are compared (default and minimum: 2.5 times the schedule's horizon, at least 50).
    built_in: by framework, the names of its built-in scheduler classes that must do the work, in alphabetical order
        (default: none, the backend's own code does it).
    """

    schedule: Schedule
    updates: Count = 0
    built_in: dict[Framework, Annotated[list[str], AfterValidator(_check_sorted)]] = {}

    @model_validator(mode="after")
    def _check_updates(self) -> Case:
        least = count_compared_updates(self.schedule.horizon)
        if max(least, self.updates) > MAX_UPDATES:
            raise PydanticCustomError("updates", "must be at most {most}: as many as are compared in reasonable time",
                                      {"most": MAX_UPDATES})
        if "updates" not in self.model_fields_set:
            object.__setattr__(self, "updates", least)
        elif self.updates < least:
            raise PydanticCustomError("updates", "must be at least {least}: 2.5 times the horizon, at least 50",
                                      {"least": least})
        return self


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
AnyRecord = TypeVar("AnyRecord", bound=Record)


def read_cases(path: Path) -> dict[str, Case]:
    """Read the cases of one file, by name. Raises SpecificationError with one line for each mistake."""
    return read_records(path, Case)


def read_records(path: Path, kind: type[AnyRecord]) -> dict[str, AnyRecord]:
    """Read the records of one kind of a file, by name. Raises SpecificationError with one line for each mistake."""
    name, text, format = read_text(path)
    data = parse_text(text, format, name=name)
    if not isinstance(data, dict):
        raise SpecificationError([f"{name}: must be an object of cases by name, got {shorten_value(data)}"])
    records: Any = GenericAlias(dict, (Name, kind))  # dict[Name, kind], of a kind that is known only here
    return validate_data(data, name, TypeAdapter(records).validate_python, _describe)


def read_all(paths: Iterable[Path]) -> dict[str, dict[str, Case]]:
    """Read all files: the cases of each, by its name without suffix.

    Raises SpecificationError with the mistakes of all of them, a name that two files give among them.
    """
    groups: dict[str, dict[str, Case]] = {}
    places: dict[str, Path] = {}
    mistakes: list[str] = []
    for path in paths:
        try:
            cases = read_cases(path)
        except SpecificationError as error:
            mistakes += error.mistakes
            continue
        mistakes += [f"{path}: {name}: is the name of a case in {places[name]} too" for name in cases if name in places]
        places.update(dict.fromkeys(cases, path))
        if path.stem in groups:
            mistakes.append(f"{path}: there is another file {path.stem}")
        groups[path.stem] = cases
    if mistakes:
        raise SpecificationError(mistakes)
    return groups


def list_case_files(folder: Path = FOLDER) -> list[Path]:
    """Return the files of cases in a folder, in order."""
    paths = sorted(path for path in folder.iterdir()
                   if path.suffix in (".toml", ".json") and path.stem not in OTHER_FILES and path.name[0] != ".")
    return sorted(paths, key=lambda path: FILES.index(path.stem) if path.stem in FILES else len(FILES))


def _describe(detail: Any, data: dict[str, Any]) -> Mistake:
    """Word one mistake that pydantic found in a file of cases."""
    name, *rest = detail["loc"]
    if detail["type"] == "string_pattern_mismatch" and rest == ["[key]"]:
        return Mistake("", f"the name of a case must be small letters, digits and _, got {shorten_value(name)}")
    if not rest:
        if detail["type"] == "updates":
            given = f", got {shorten_value(data[name]['updates'])}" if "updates" in data[name] else ""
            return Mistake(f"{name}.updates", f"{detail['msg']}{given}")
        return Mistake(str(name), "must be a case: an object with a description and a schedule, got "
                                  f"{shorten_value(data[name])}")
    field, *inner = rest
    place = f"{name}.{field}"
    if detail["type"] == "missing" and not inner:
        return Mistake(place, "missing; a case needs it")
    if detail["type"] == "extra_forbidden" and not inner:
        return Mistake(place, f"unknown field{describe_nearest(str(field), list(Case.model_fields))}, "
                              f"got {shorten_value(detail['input'])}")
    if field == "schedule":
        path, text = describe_mistake({**detail, "loc": tuple(inner)}, data[name]["schedule"])
        return Mistake(f"{place}.{path}" if path else place, text)
    if field == "built_in" and inner and inner[-1] == "[key]":
        return Mistake(f"{place}.{inner[0]}", f"unknown framework, must be one of {', '.join(FRAMEWORKS)}")
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in inner)
    return Mistake(place + where,
                   f"{detail['msg'][0].lower()}{detail['msg'][1:]}, got {shorten_value(detail['input'])}")


#: By file, and all together, by name.
GROUPS = read_all(list_case_files())
CASES: dict[str, Case] = {name: case for cases in GROUPS.values() for name, case in cases.items()}
