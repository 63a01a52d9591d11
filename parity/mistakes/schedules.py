"""Back ends that are wrong on purpose: the gate must reject every one of them.

    python -m parity.mistakes.schedules --framework torch

prints what they applied, as `python -m parity measure` does. Most are a real back end given a schedule changed the way
a mistake would change it; the others are the frameworks' own classes in their natural spelling (see native.py).
"""

from __future__ import annotations

import contextlib
import json
import sys

from frameworks import FRAMEWORKS, backend, quiet
from frameworks.arguments import Parser, exit_code, framework
from parity.cases import CASES
from parity.measuring.measure import described, tiny_updates
from parity.mistakes.catalogue import CATALOGUE
from parity.mistakes.native import UNFAIR, first_parameter_different, natural_spellings
from parity.mistakes.shown import shown


def main(arguments: list[str] | None = None) -> int:
    """Print what the broken backends of one framework applied."""
    parser = Parser(prog="python -m parity.mistakes.schedules",
                    description="Measure the backends that are wrong on purpose.")
    parser.add_argument("--framework", type=framework, required=True, help=", ".join(FRAMEWORKS))
    chosen = parser.parse_args(arguments).framework
    quiet()
    tiny_updates()
    with contextlib.redirect_stdout(sys.stderr):
        ported = backend(chosen)
        results = []
        for name, mistake in CATALOGUE.items():
            if found := shown(name):
                case = CASES[found.case]
                seen = ported.observe(found.wrong, case.updates)
                results.append(described(mistake.id, case.schedule, seen))
        for name, (case_name, build) in natural_spellings(chosen).items():
            case = CASES[case_name]
            results.append(described(name, case.schedule, ported.observe(case.schedule, case.updates, build=build)))
        case = CASES[UNFAIR.where]
        seen = ported.observe(case.schedule, case.updates, optimizer=first_parameter_different(chosen))
        results.append(described(UNFAIR.id, case.schedule, seen))
    print(json.dumps({"framework": chosen, "specifications": results}))
    return 0


if __name__ == "__main__":
    sys.exit(exit_code(main))
