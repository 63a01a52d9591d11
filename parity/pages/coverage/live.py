"""Run one framework for the table: python -m parity.pages.coverage.live --framework torch

Reads a JSON object from stdin, {"schedules": [[schedule, updates], ...], "library": ..., "calls": [[call, updates],
...]}, and prints {"version": ..., "first": [...], "rates": [[...], ...], "names": [...]}: of each schedule the first
update at which this framework's port is not bit for bit what is specified, of each call the rates of the framework's
own scheduler, and what schedulers it has.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import Any

import numpy as np

from frameworks import FRAMEWORKS, FrameworkMissing, backend, quiet, version
from frameworks.arguments import Parser, framework
from frameworks.exit_codes import USAGE
from frameworks.schedule import Schedule
from parity.measuring.compare import compare
from parity.measuring.measure import tiny_updates
from parity.pages.coverage.known import schedulers
from parity.pages.coverage.reference import names, rates
from parity.pages.coverage.told import METRICS, Told, specified


def main() -> int:
    """Answer one question."""
    parser = Parser(prog="python -m parity.pages.coverage.live",
                    description="Run one framework for the table of coverage.")
    parser.add_argument("--framework", type=framework, required=True, help=", ".join(FRAMEWORKS))
    chosen = parser.parse_args().framework
    quiet()
    tiny_updates()
    asked = json.load(sys.stdin)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            ported = backend(chosen)
            schedules = [(specified(one), updates) for one, updates in asked["schedules"]]
            first = [compare(one, _applied(ported, one, updates)).first for one, updates in schedules]
            found = [rates(asked["library"], call, updates) for call, updates in asked["calls"]]
            known = schedulers(asked["library"], names(asked["library"]))
    except FrameworkMissing as error:
        print(error, file=sys.stderr)
        return USAGE
    print(json.dumps({"version": version(chosen), "first": [one and str(one) for one in first], "rates": found,
                      "names": known}))
    return 0


def _applied(ported: Any, schedule: Schedule | Told, updates: int) -> np.ndarray:
    if isinstance(schedule, Told):
        return ported.observe_plateau(schedule.plateau, METRICS[:updates - 1]).applied
    return ported.observe(schedule, updates).applied


if __name__ == "__main__":
    sys.exit(main())
