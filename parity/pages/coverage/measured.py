"""All that the table rests on: what the three frameworks do, measured now; what other libraries did, recorded."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from frameworks import FRAMEWORKS
from parity.measuring.questions import NotMeasured, ask
from parity.pages.coverage.agree import Agreement, agreement, comparable, updates
from parity.pages.coverage.reference import FRAMEWORK, LIBRARY
from parity.pages.coverage.row import Library, Row

RECORDED = Path(__file__).with_name("recorded")
COMMAND = "python -m parity coverage"


class CoverageError(RuntimeError):
    """Why the table cannot be made, in a sentence."""


@dataclass
class Measured:
    """Of each row, by library and call: agreement with the library, and exactness in each framework."""

    agreement: dict[tuple[str, str], Agreement] = field(default_factory=dict)
    first: dict[tuple[str, str], str | None] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    def exact(self, row: Row, framework: str) -> bool:
        """Whether a framework's port applies a row's schedule bit for bit."""
        return self.first[framework, row.specification.model_dump_json()] is None


def record(library: Library) -> dict[str, Any]:
    """Return what was recorded of a library: versions, names, and rates by call. Raises CoverageError."""
    path = RECORDED / f"{library.name}.json"
    if not path.exists():
        raise CoverageError(f"{library.title} is not recorded: python -m parity coverage-record {library.name}")
    return json.loads(path.read_text(encoding="utf-8"))


def measure(libraries: tuple[Library, ...]) -> Measured:
    """Run the three frameworks, a process of its own each, and read what is recorded. Raises CoverageError."""
    said = [row.schedule for library in libraries for row in library.rows if row.schedule is not None]
    schedules = list({one.model_dump_json(): one for one in said}.values())
    found, given = Measured(), {}
    by_framework = {FRAMEWORK[one.name]: one for one in libraries if one.name in FRAMEWORK}
    with ThreadPoolExecutor(2) as pool:
        asked = {one: pool.submit(_asked, one, schedules, by_framework.get(one)) for one in reversed(FRAMEWORKS)}
        for framework, answer in ((one, asked[one].result()) for one in FRAMEWORKS):
            keys = [(framework, one.model_dump_json()) for one in schedules]
            found.first |= dict(zip(keys, answer["first"], strict=True))
            if (library := by_framework.get(framework)) is not None:
                found.versions[library.name], found.names[library.name] = answer["version"], answer["names"]
                given[library.name] = dict(zip(_calls(library), answer["rates"], strict=True))
    for library in libraries:
        if library.name not in FRAMEWORK:
            kept = record(library)
            found.versions[library.name], found.names[library.name] = kept["version"], kept["names"]
            given[library.name] = kept["rates"]
        for row in library.rows:
            if row.schedule is not None:
                if row.call not in given[library.name]:
                    raise CoverageError(f"{row.call} is not recorded: python -m parity coverage-record {library.name}")
                found.agreement[library.name, row.call] = agreement(row, given[library.name][row.call], library.bits)
    return found


def _calls(library: Library) -> dict[str, int]:
    """How many rates of each call are asked for."""
    return {row.call: comparable(row) for row in library.rows if row.schedule is not None}


def _asked(framework: str, schedules: list, library: Library | None) -> dict[str, Any]:
    question = {"schedules": [[one.model_dump(mode="json"), updates(one)] for one in schedules],
                "library": LIBRARY[framework],
                "calls": list(_calls(library).items()) if library is not None else []}
    try:
        return ask("parity.pages.coverage.live", framework, question, OMP_NUM_THREADS="1")
    except NotMeasured as error:
        raise CoverageError(f"{framework}: {error}") from None
