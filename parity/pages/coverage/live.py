"""Run one framework for the table: python -m parity.pages.coverage.live --framework torch

Reads a JSON object from stdin, {"schedules": [[schedule, updates], ...], "library": ..., "calls": [[call, updates],
...]}, and prints {"version": ..., "first": [...], "rates": [[...], ...], "names": [...]}: of each schedule the first
update at which this framework's port is not bit for bit what is specified, of each call the rates of the framework's
own scheduler, and what schedulers it has.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from frameworks import backend, version
from frameworks.schedule import Schedule
from parity.measuring.compare import compare
from parity.measuring.questions import answer
from parity.pages.coverage.known import schedulers
from parity.pages.coverage.reference import names, rates
from parity.pages.coverage.told import METRICS, Told, specified


def _answer(framework: str, question: dict[str, Any]) -> dict[str, Any]:
    ported, library = backend(framework), question["library"]
    schedules = [(specified(one), updates) for one, updates in question["schedules"]]
    first = [compare(one, _applied(ported, one, updates)).first for one, updates in schedules]
    return {"version": version(framework), "first": [one and str(one) for one in first],
            "rates": [rates(library, call, updates) for call, updates in question["calls"]],
            "names": schedulers(library, names(library))}


def _applied(ported: Any, schedule: Schedule | Told, updates: int) -> np.ndarray:
    if isinstance(schedule, Told):
        return ported.observe_plateau(schedule.plateau, METRICS[:updates - 1]).applied
    return ported.observe(schedule, updates).applied


if __name__ == "__main__":
    sys.exit(answer("parity.pages.coverage.live", "Run one framework for the table of coverage.", _answer))
