"""The report as one document: what was specified, applied, and naturally written."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from frameworks import FRAMEWORKS
from frameworks.observation import bits, from_bits
from frameworks.schedule import lrs
from frameworks.schedule.union import ADAPTER
from parity.cases import CASES
from parity.measuring.compare import compare
from parity.measuring.measure import applied_rates
from parity.measuring.processes import Processes, measure_command, started
from parity.mistakes.search.failed import describe_failure

FORMAT = 1
#: Of so many differences the known mistake is searched for: each takes up to seconds.
MAX_NAMED = 10


def measured() -> dict[str, Any]:
    """Measure every case, and every natural spelling, in all frameworks, and return the document.

    Raises MeasurementFailed.
    """
    with TemporaryDirectory() as folder, Processes(2) as pool:
        schedules: dict = {}
        for case in CASES.values():
            schedules[case.schedule] = max(case.updates, schedules.get(case.schedule, 0))
        rates = started(pool, "parity.__main__",
                        lambda framework: measure_command(framework, list(schedules.items()), Path(folder)))
        natural = started(pool, "parity.pages.report.spellings", lambda framework: ["--framework", framework])
        return document({name: one.result() for name, one in rates.items()},
                        {name: one.result() for name, one in natural.items()})


def document(rates: dict[str, dict[str, Any]], natural: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Put together what `python -m parity measure` and the spellings printed, by framework. `made` is still missing."""
    by_schedule = {framework: {ADAPTER.validate_python(one["schedule"]): one for one in found["specifications"]}
                   for framework, found in rates.items()}
    cases = []
    for name, case in CASES.items():
        if any(case.schedule not in found for found in by_schedule.values()):
            continue
        one = {"name": name, "schedule": case.schedule.model_dump(mode="json", exclude_none=True),
               "updates": case.updates, "applied": {}, "natural": {},
               "specified": runs([bits(rate) for rate in lrs(case.schedule, case.updates)])}
        for framework in rates:
            result = by_schedule[framework][case.schedule]
            found = compare(case.schedule, applied_rates(result)[:case.updates])
            one["applied"][framework] = {
                "bits": runs(result["bits"][:case.updates]), "built_in": result["built_in"], "edges": found.edges,
                "first_difference": None if found.first is None else found.first.update,
                "said": "" if found.first is None else str(found.first)}
            if name in natural[framework]:
                spelled = natural[framework][name]
                one["natural"][framework] = {**spelled, "bits": runs(spelled["bits"])}
        cases.append(one)
    return {"format": FORMAT, "command": "python -m parity report",
            "versions": {framework: rates[framework]["version"] for framework in FRAMEWORKS if framework in rates},
            "cases": cases}


def runs(values: Sequence[str]) -> list[list[Any]]:
    """Write equal values that follow each other once, with their number.

    >>> runs(["3f800000", "3f800000", "3f000000"])
    [['3f800000', 2], ['3f000000', 1]]
    """
    return [[value, len(list(same))] for value, same in itertools.groupby(values)]


def differing(found: dict[str, Any]) -> list[str]:
    """Return lines for what was not applied as specified; for the first ones with the known mistake that makes it."""
    lines, named = [], 0
    for case in found["cases"]:
        for framework, one in case["applied"].items():
            if one["first_difference"] is None:
                continue
            lines.append(f"{case['name']} in {framework}, {one['said']}")
            schedule = ADAPTER.validate_python(case["schedule"])
            applied = from_bits([digits for digits, times in one["bits"] for _ in range(times)])
            shows = (applied.view(np.uint32) != lrs(schedule, len(applied)).astype(np.float32).view(np.uint32)).any()
            if shows and named < MAX_NAMED:  # of the first weight, the only one that is kept
                named += 1
                described = describe_failure(f"{case['name']}-{framework}", schedule, applied)
                lines += [f"  {line}" for line in described]
    return lines
