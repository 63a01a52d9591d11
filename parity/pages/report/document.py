"""Builds the report as one document: the specified rates, the applied rates, and the rates of the usual code."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from frameworks import FRAMEWORKS
from frameworks.observation import format_bits, parse_bits
from frameworks.schedule import lrs
from frameworks.schedule.union import ADAPTER
from parity.cases import CASES
from parity.measuring.compare import compare
from parity.measuring.measure import read_applied_rates
from parity.measuring.processes import Processes, measure_command, start_measurements
from parity.mistakes.search.failed import describe_failure

FORMAT = 1
#: The known mistake is searched for this number of differences only; each search can take seconds.
MAX_NAMED = 10


def measure_document() -> dict[str, Any]:
    """Measure every case and its usual code in all frameworks, and return the document.

    Raises MeasurementError.
    """
    with TemporaryDirectory() as folder, Processes(2) as pool:
        schedules: dict = {}
        for case in CASES.values():
            schedules[case.schedule] = max(case.updates, schedules.get(case.schedule, 0))
        rates = start_measurements(pool, "parity.__main__",
                                   lambda framework: measure_command(framework, list(schedules.items()), Path(folder)))
        natural = start_measurements(pool, "parity.pages.report.spellings",
                                     lambda framework: ["--framework", framework])
        return document({name: answer.result() for name, answer in rates.items()},
                        {name: answer.result() for name, answer in natural.items()})


def document(rates: dict[str, dict[str, Any]], natural: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the document, still without its time `made`.

    rates: the output of `python -m parity measure`, by framework.
    natural: the output of the module `spellings`, by framework.
    """
    by_schedule = {
        framework: {ADAPTER.validate_python(result["schedule"]): result for result in output["specifications"]}
        for framework, output in rates.items()}
    cases = []
    for name, case in CASES.items():
        if any(case.schedule not in results for results in by_schedule.values()):
            continue
        entry = {"name": name, "schedule": case.schedule.model_dump(mode="json", exclude_none=True),
                 "updates": case.updates, "applied": {}, "natural": {},
                 "specified": encode_runs([format_bits(rate) for rate in lrs(case.schedule, case.updates)])}
        for framework in rates:
            result = by_schedule[framework][case.schedule]
            comparison = compare(case.schedule, read_applied_rates(result)[:case.updates])
            entry["applied"][framework] = {
                "bits": encode_runs(result["bits"][:case.updates]), "built_in": result["built_in"],
                "edges": comparison.edges,
                "first_difference": None if comparison.first is None else comparison.first.update,
                "said": "" if comparison.first is None else str(comparison.first)}
            if name in natural[framework]:
                spelled = natural[framework][name]
                entry["natural"][framework] = {**spelled, "bits": encode_runs(spelled["bits"])}
        cases.append(entry)
    return {"format": FORMAT, "command": "python -m parity report",
            "versions": {framework: rates[framework]["version"] for framework in FRAMEWORKS if framework in rates},
            "cases": cases}


def encode_runs(values: Sequence[str]) -> list[list[Any]]:
    """Return each run of equal values as the value and its length.

    >>> encode_runs(["3f800000", "3f800000", "3f000000"])
    [['3f800000', 2], ['3f000000', 1]]
    """
    return [[value, len(list(same))] for value, same in itertools.groupby(values)]


def describe_differences(report: dict[str, Any]) -> list[str]:
    """Return a line for each difference; the first ones are followed by the known mistake that explains them."""
    lines, named = [], 0
    for case in report["cases"]:
        for framework, applied in case["applied"].items():
            if applied["first_difference"] is None:
                continue
            lines.append(f"{case['name']} in {framework}, {applied['said']}")
            schedule = ADAPTER.validate_python(case["schedule"])
            rates = parse_bits([digits for digits, times in applied["bits"] for _ in range(times)])
            differs = (rates.view(np.uint32) != lrs(schedule, len(rates)).astype(np.float32).view(np.uint32)).any()
            if differs and named < MAX_NAMED:  # the document has the rates of the first weight only
                named += 1
                description = describe_failure(f"{case['name']}-{framework}", schedule, rates)
                lines += [f"  {line}" for line in description]
    return lines
