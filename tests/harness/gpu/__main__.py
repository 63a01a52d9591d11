"""Runs every check that needs an NVIDIA GPU within some minutes: bash reproduce/gpu.sh OUT [--rehearse]"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

from frameworks.arguments import Parser, build_choice_type, run_main
from frameworks.children import exit_on_signals
from frameworks.exit_codes import INTERRUPTED, USAGE
from frameworks.whole_files import describe_error
from tests.harness.gpu.plan import STEPS, Step
from tests.harness.gpu.session import Session

#: The end of the help; not in the docstring, which python -OO removes.
EXIT_CODES = """Exit codes: 0 every check passed (MXNet's line does not count); 2 usage, or a framework or its GPU is
missing, or nvidia-smi does not report the card's memory; 4 a check failed or was not reached in time; 5 only the data
is missing; 130 and 143 interrupted (SIGINT, SIGTERM). OUT/summary.txt states what was done, what is missing and what
was not reached; it is whole at every moment."""


def parse_minutes(text: str) -> float:
    """Return a number of minutes above 0, at most a day."""
    try:
        minutes = float(text)
    except ValueError:
        minutes = math.nan
    if not 0 < minutes <= 1440:
        raise argparse.ArgumentTypeError(f"must be a number of minutes above 0 and at most 1440, got {text!r}")
    return minutes


def parse_steps(text: str) -> tuple[Step, ...]:
    """Return the steps of some names, and the environment of their frameworks, in the order of the plan."""
    check = build_choice_type(tuple(step.name for step in STEPS))
    names = {check(name) for name in text.split(",")}
    frameworks = {step.framework for step in STEPS if step.name in names}
    return tuple(step for step in STEPS
                 if step.name in names or (step.module == "environment" and step.framework in frameworks))


def main(arguments: list[str] | None = None) -> int:
    """Run all steps and return the exit code."""
    parser = Parser(prog="gpu.sh", description="Check on an NVIDIA GPU what this project promises; install nothing.",
                    epilog=EXIT_CODES)
    parser.add_argument("out", type=Path, metavar="OUT", help="folder of the results: new, or empty")
    parser.add_argument("--rehearse", action="store_true", help="run the same steps on the CPU, shorter")
    parser.add_argument("--minutes", type=parse_minutes, default=9.0, metavar="N",
                        help="time of all steps together (default: 9)")
    parser.add_argument("--data-dir", type=Path, metavar="DIR",
                        help="folder of the four files of Fashion-MNIST (default: search the usual folders)")
    parser.add_argument("--only", type=parse_steps, default=STEPS, metavar="STEPS",
                        help="names of steps, with commas, such as torch-rates; the environment of their frameworks "
                             "is always checked (default: all)")
    chosen = parser.parse_args(arguments)
    try:
        chosen.out.mkdir(parents=True, exist_ok=True)
        if any(chosen.out.iterdir()):
            parser.error(f"argument OUT: must be new or empty, {chosen.out} is not: results of two runs would mix")
        with exit_on_signals():
            return Session(chosen.out, chosen.minutes, chosen.rehearse, chosen.data_dir, chosen.only).run()
    except OSError as error:
        print(f"{chosen.out}: cannot be written: {describe_error(error)}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(run_main(main))
