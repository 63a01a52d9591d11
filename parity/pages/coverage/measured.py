"""Collects the data of the table: measures the three frameworks, and reads the recorded rates of other libraries."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from frameworks import FRAMEWORKS
from parity.measuring.questions import NotMeasuredError, ask
from parity.pages.coverage.agree import Agreement, compare_rates, count_comparable, count_updates
from parity.pages.coverage.reference import FRAMEWORK, LIBRARY
from parity.pages.coverage.row import Library, Row

RECORDED = Path(__file__).with_name("recorded")
COMMAND = "python -m parity coverage"


class CoverageError(RuntimeError):
    """Raised when the table cannot be made; the message is one sentence."""


@dataclass
class Measured:
    """The results for all rows.

    agreement: the comparison with the library, by library and call.
    first: the first difference in a framework, by framework and schedule in JSON; None: exact.
    names: the schedulers that a library has, by library.
    versions: the version of each library.
    """

    agreement: dict[tuple[str, str], Agreement] = field(default_factory=dict)
    first: dict[tuple[str, str], str | None] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    def is_exact(self, row: Row, framework: str) -> bool:
        """Return whether a framework's port applies a row's schedule bit for bit."""
        return self.first[framework, row.specification.model_dump_json()] is None


def record(library: Library) -> dict[str, Any]:
    """Return the record of a library: version, names, and rates by call. Raises CoverageError."""
    path = RECORDED / f"{library.name}.json"
    if not path.exists():
        raise CoverageError(f"{library.title} is not recorded: python -m parity coverage-record {library.name}")
    return json.loads(path.read_text(encoding="utf-8"))


def measure(libraries: tuple[Library, ...]) -> Measured:
    """Run each of the three frameworks in a separate process, and read the records. Raises CoverageError."""
    specified = [row.schedule for library in libraries for row in library.rows if row.schedule is not None]
    schedules = list({schedule.model_dump_json(): schedule for schedule in specified}.values())
    measured, rates = Measured(), {}
    by_framework = {FRAMEWORK[library.name]: library for library in libraries if library.name in FRAMEWORK}
    with ThreadPoolExecutor(2) as pool:
        answers = {framework: pool.submit(_run, framework, schedules, by_framework.get(framework))
                   for framework in reversed(FRAMEWORKS)}
        for framework, answer in ((framework, answers[framework].result()) for framework in FRAMEWORKS):
            keys = [(framework, schedule.model_dump_json()) for schedule in schedules]
            measured.first |= dict(zip(keys, answer["first"], strict=True))
            if (library := by_framework.get(framework)) is not None:
                measured.versions[library.name], measured.names[library.name] = answer["version"], answer["names"]
                rates[library.name] = dict(zip(_count_rates(library), answer["rates"], strict=True))
    for library in libraries:
        if library.name not in FRAMEWORK:
            recorded = record(library)
            measured.versions[library.name], measured.names[library.name] = recorded["version"], recorded["names"]
            rates[library.name] = recorded["rates"]
        for row in library.rows:
            if row.schedule is not None:
                if row.call not in rates[library.name]:
                    raise CoverageError(f"{row.call} is not recorded: python -m parity coverage-record {library.name}")
                measured.agreement[library.name, row.call] = compare_rates(row, rates[library.name][row.call],
                                                                           library.bits)
    return measured


def _count_rates(library: Library) -> dict[str, int]:
    """Return the number of rates to compare, by call."""
    return {row.call: count_comparable(row) for row in library.rows if row.schedule is not None}


def _run(framework: str, schedules: list, library: Library | None) -> dict[str, Any]:
    question = {"schedules": [[schedule.model_dump(mode="json"), count_updates(schedule)] for schedule in schedules],
                "library": LIBRARY[framework],
                "calls": list(_count_rates(library).items()) if library is not None else []}
    try:
        return ask("parity.pages.coverage.live", framework, question, OMP_NUM_THREADS="1")
    except NotMeasuredError as error:
        raise CoverageError(f"{framework}: {error}") from None
