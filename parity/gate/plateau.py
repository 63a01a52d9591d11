"""Run one framework on the cases of reduce on plateau: python -m parity.gate.plateau --framework torch

Prints one JSON object. For each case it has the float32 bits of the rate of every weight, before the first metric and
after each: for each update, the list of different bits, so one item if all agree. Each case is run uninterrupted,
and resumed from JSON after every metric. Each mistake is run on its case.
"""

from __future__ import annotations

import contextlib
import json
import sys
from functools import partial
from typing import Any

import numpy as np

from frameworks import FRAMEWORKS, FrameworkMissingError, backend, quiet, version
from frameworks.arguments import Parser, framework
from frameworks.exit_codes import USAGE
from frameworks.observation import format_bits
from parity.cases.plateau import CASES, PlateauCase
from parity.mistakes.plateau import PLATEAU, Broken, find_case


def main(arguments: list[str] | None = None) -> int:
    """Print the document of a framework; return the exit code."""
    parser = Parser(prog="python -m parity.gate.plateau",
                    description="Run one framework on the cases of reduce on plateau.")
    parser.add_argument("--framework", type=framework, required=True, help=", ".join(FRAMEWORKS))
    chosen = parser.parse_args(arguments).framework
    quiet()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            observe = partial(_observe_bits, backend(chosen, any_keras=True))
            document = {
                "framework": chosen, "version": version(chosen),
                "cases": {name: observe(case) for name, case in CASES.items()},
                "resumed": {name: observe(case, resume_at=range(len(case.metrics) + 1))
                            for name, case in CASES.items()},
                "broken": {mistake: observe(CASES[name], shows_at, build=partial(_build_broken, mistake, chosen))
                           for mistake, (name, shows_at) in {
                               "none": ("accuracy_torch", 30), **{name: find_case(name) for name in PLATEAU}}.items()}}
    except FrameworkMissingError as error:
        print(error, file=sys.stderr)
        return USAGE
    print(json.dumps(document))
    return 0


def _observe_bits(ported: Any, case: PlateauCase, seen: int | None = None, **how: Any) -> list[list[str]]:
    rates = ported.observe_plateau(case.plateau, case.metrics[:seen], **how).applied
    return [[format_bits(rate) for rate in np.unique(row)] for row in rates]


def _build_broken(mistake: str, framework: str, plateau: Any, owner: Any) -> Broken:
    return Broken(plateau, mistake, partial(backend(framework, any_keras=True).set_rate, owner))


if __name__ == "__main__":
    sys.exit(main())
