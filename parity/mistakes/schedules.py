"""Back ends that are wrong on purpose: the gate must reject every one of them.

    python -m parity.mistakes.schedules --framework torch

prints what they applied, as `python -m parity measure` does. Most are a real back end given a schedule changed the way
a mistake would change it; the others are the frameworks' own classes in their natural spelling (see native.py).
"""

from __future__ import annotations

import sys
from typing import Any

from frameworks import backend
from parity.cases import CASES
from parity.measuring.measure import described
from parity.measuring.questions import print_document
from parity.mistakes.catalogue import CATALOGUE
from parity.mistakes.native import UNFAIR, first_parameter_different, natural_spellings
from parity.mistakes.shown import shown


def main(arguments: list[str] | None = None) -> int:
    """Print what the broken backends of one framework applied."""
    return print_document("parity.mistakes.schedules", "Measure the backends that are wrong on purpose.", _measured,
                          arguments)


def _measured(framework: str) -> dict[str, Any]:
    ported, results = backend(framework), []
    for name, mistake in CATALOGUE.items():
        if found := shown(name):
            case = CASES[found.case]
            results.append(described(mistake.id, case.schedule, ported.observe(found.wrong, case.updates)))
    for name, (case_name, build) in natural_spellings(framework).items():
        case = CASES[case_name]
        results.append(described(name, case.schedule, ported.observe(case.schedule, case.updates, build=build)))
    case = CASES[UNFAIR.where]
    seen = ported.observe(case.schedule, case.updates, optimizer=first_parameter_different(framework))
    return {"framework": framework, "specifications": [*results, described(UNFAIR.id, case.schedule, seen)]}


if __name__ == "__main__":
    sys.exit(main())
