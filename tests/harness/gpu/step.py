"""Runs one step of the checks on a GPU, in a separate process: python -m tests.harness.gpu.step NAME --seconds N

Prints the result of each check as one line of JSON. Everything else goes to stderr.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from importlib import import_module
from pathlib import Path

from frameworks import quiet
from frameworks.arguments import Parser, build_choice_type, parse_count, run_main
from frameworks.memory import keep_freed_memory
from tests.harness.gpu.place import Place, run_checks
from tests.harness.gpu.plan import STEPS


def main(arguments: list[str] | None = None) -> int:
    """Run the checks of a step, and return 0: its results state what failed."""
    steps = {step.name: step for step in STEPS}
    parser = Parser(prog="python -m tests.harness.gpu.step", description="Run one step; gpu.sh calls this.")
    parser.add_argument("step", type=build_choice_type(tuple(steps)), help="the name of the step")
    parser.add_argument("--seconds", type=parse_count, default=60, metavar="N",
                        help="no check begins after this time (default: 60)")
    parser.add_argument("--out", type=Path, default=Path("."), metavar="DIR", help="folder of its files (default: .)")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="folder of the four files of Fashion-MNIST")
    parser.add_argument("--rehearse", action="store_true", help="run on the CPU, shorter")
    chosen = parser.parse_args(arguments)
    end = time.monotonic() + chosen.seconds
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries print there too, not through Python
    quiet()
    keep_freed_memory()
    warnings.simplefilter("ignore")  # torch warns of a scheduler that is stepped while a graph makes the updates
    step = steps[chosen.step]
    place = Place(step.framework, chosen.rehearse, end, chosen.out, chosen.data_dir)
    checks = import_module(f"tests.harness.gpu.{step.module}").list_checks(place)
    for result in run_checks(checks, place):
        print(json.dumps(result), file=answers, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(run_main(main))
