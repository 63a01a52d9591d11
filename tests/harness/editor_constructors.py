"""Compares what the schedule editor reads from constructors with what `port` reads, in node."""

from __future__ import annotations

import json
import re
from pathlib import Path

from frameworks.schedule import loads
from parity.pages.coverage.libraries import LIBRARIES
from parity.pages.coverage.reference import FRAMEWORK
from parity.pages.edit.classes import READ
from parity.pages.edit.command import HERE
from parity.port import PortError, read_text
from tests.harness.editor_scripts import ask_scripts
from tests.harness.roundtrip.constructors import Constructor

#: Returns the schedule that a script reads.
READ_IT = "(...given) => withoutNulls(readConstructor(...given).schedule)"
#: The rows of COVERAGE.md of the libraries that are read.
ROWS = [Constructor(FRAMEWORK.get(library.name, library.name), row.call, lr=0.4 if library.name == "torch" else None)
        for library in LIBRARIES for row in library.rows if FRAMEWORK.get(library.name, library.name) in READ]


def find_rate(case: Constructor) -> float | None:
    """Return the rate of the optimizer that the page is given."""
    written = re.search(r"=(.*)\)", case.optimizer or "")
    return float(written[1]) if written else case.lr


def compare(cases: list[Constructor], folder: Path = HERE) -> tuple[list[Constructor], int]:
    """Return the constructors that only Python reads, and how many both read; fail where both differ."""
    answers = ask_scripts(READ_IT, [[case.text, case.source, find_rate(case)] for case in cases], folder)
    only, both = [], 0
    for case, answer in zip(cases, answers):
        try:
            read = read_text(case.text, case.source, lr=case.lr, optimizer=case.optimizer).schedule
        except PortError:
            assert "refused" in answer, case
            continue
        if "refused" in answer:
            only.append(case)
        else:
            assert loads(json.dumps(answer["result"])) == read, case
            both += 1
    return only, both
