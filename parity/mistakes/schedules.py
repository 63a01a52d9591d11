"""Measures back ends with a mistake: the gate must reject each of them.

    python -m parity.mistakes.schedules --framework torch

prints the rates that they applied, in the format of `python -m parity measure`. Most are an unchanged back end with
a schedule that a mistake has changed. The others are built-in classes of the frameworks (see native.py).
"""

from __future__ import annotations

import sys
from typing import Any

from frameworks import backend
from parity.cases import CASES
from parity.measuring.measure import describe_observation
from parity.measuring.questions import print_document
from parity.mistakes.catalogue import CATALOGUE
from parity.mistakes.native import UNFAIR, build_unfair_optimizer, list_built_in_mistakes
from parity.mistakes.shown import find_case


def main(arguments: list[str] | None = None) -> int:
    """Print the rates that the back ends with mistakes of one framework applied."""
    return print_document("parity.mistakes.schedules", "Measure the back ends with mistakes.", _measure,
                          arguments)


def _measure(framework: str) -> dict[str, Any]:
    ported, results = backend(framework), []
    for name, mistake in CATALOGUE.items():
        if example := find_case(name):
            case = CASES[example.case]
            results.append(describe_observation(mistake.id, case.schedule, ported.observe(example.wrong, case.updates)))
    for name, (case_name, build) in list_built_in_mistakes(framework).items():
        case = CASES[case_name]
        results.append(describe_observation(name, case.schedule,
                                            ported.observe(case.schedule, case.updates, build=build)))
    case = CASES[UNFAIR.where]
    seen = ported.observe(case.schedule, case.updates, optimizer=build_unfair_optimizer(framework))
    return {"framework": framework, "specifications": [*results, describe_observation(UNFAIR.id, case.schedule, seen)]}


if __name__ == "__main__":
    sys.exit(main())
