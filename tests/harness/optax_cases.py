"""Runs the code that is written for optax, for every case: python -m tests.harness.optax_cases

Needs only requirements/optax.txt. With the self-contained code optax.sgd must apply the specified rates, bit for bit;
for the built-in code the largest difference is printed. At the end the code of another schedule must be noticed. Exit
codes: 0 if all cases agree, 2 if optax is not installed, 4 if one does not agree.
"""

from __future__ import annotations

import sys

import numpy as np

from frameworks import FrameworkMissingError
from frameworks.arguments import Parser
from frameworks.exit_codes import FAILED
from frameworks.schedule import Shift
from parity.cases import CASES
from parity.measuring.compare import compare, compute_ulps
from parity.port.optax_probe import observe
from parity.port.write import write_spellings


def main() -> int:
    """Print one line per case and a summary; return the exit code."""
    Parser(prog="python -m tests.harness.optax_cases", description="Run what is written for optax.").parse_args()
    wrong = 0
    for name, case in CASES.items():
        for spelling in write_spellings(case.schedule, "optax"):
            seen = observe(spelling.code, case.updates).applied
            comparison = compare(case.schedule, seen)
            if not spelling.native or not spelling.note:
                wrong += comparison.first is not None
                print(f"{name}: {'native' if spelling.native else 'exact'}: {comparison.first or 'the same bits'}")
                continue
            off = np.abs(compute_ulps(np.ascontiguousarray(seen[:, 0]), case.schedule))
            first = f", first at update {int(np.argmax(off > 0))}" if off.any() else ""
            print(f"{name}: native: up to {int(off.max()):,} ULP off{first}. {spelling.note}")
    case = CASES["cosine"]
    code = write_spellings(Shift(by=1, of=case.schedule), "optax")[-1].code
    unseen = compare(case.schedule, observe(code, case.updates).applied).first is None
    if unseen:
        print("a spelling of another schedule was not noticed")
    print(f"{len(CASES)} cases, {wrong} of them not the same bits")
    return FAILED if wrong or unseen else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FrameworkMissingError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
