"""Runs one framework for the table: python -m parity.pages.coverage.live --framework torch

Reads {"schedules": [[schedule, updates], ...], "library": ..., "calls": [[call, updates], ...]} from stdin, in JSON.
Prints {"version": ..., "first": [...], "rates": [[...], ...], "names": [...]}:

first: for each schedule, the first difference between this framework's port and the specification, or null.
rates: for each call, the rates of the framework's built-in scheduler.
names: the schedulers that the framework has.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from frameworks import backend, version
from frameworks.schedule import Schedule
from parity.measuring.compare import compare
from parity.measuring.questions import answer
from parity.pages.coverage.known import find_schedulers
from parity.pages.coverage.metric_driven import METRICS, MetricDriven, read_specification
from parity.pages.coverage.reference import import_members, measure_rates


def _measure(framework: str, question: dict[str, Any]) -> dict[str, Any]:
    ported, library = backend(framework), question["library"]
    schedules = [(read_specification(fields), updates) for fields, updates in question["schedules"]]
    first = [compare(schedule, _apply(ported, schedule, updates)).first for schedule, updates in schedules]
    return {"version": version(framework), "first": [difference and str(difference) for difference in first],
            "rates": [measure_rates(library, call, updates) for call, updates in question["calls"]],
            "names": find_schedulers(library, import_members(library))}


def _apply(ported: Any, schedule: Schedule | MetricDriven, updates: int) -> np.ndarray:
    if isinstance(schedule, MetricDriven):
        return ported.observe_plateau(schedule.plateau, METRICS[:updates - 1]).applied
    return ported.observe(schedule, updates).applied


if __name__ == "__main__":
    sys.exit(answer("parity.pages.coverage.live", "Run one framework for the coverage table.", _measure))
