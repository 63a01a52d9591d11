"""Trains one run of a plan on one processor: an experiment's command without its figure.

python reproduce/study/trial.py PROCESSOR EXPERIMENT [the experiment's arguments]
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)  # the project instead of this folder

import os

from frameworks.arguments import Parser, build_choice_type
from reproduce.chapter import EXPERIMENTS
from reproduce.trainer.command import leave, main


def run_trial() -> int:
    """Bind this process to one processor, run the experiment in it, and return the exit code."""
    experiments = {experiment.name: experiment for experiment in EXPERIMENTS}
    parser = Parser(prog="trial.py", description="Train one run of the study on one processor.")
    parser.add_argument("processor", type=int, help="the processor's number, from 0")
    parser.add_argument("experiment", type=build_choice_type(tuple(experiments)), help=", ".join(experiments))
    parser.add_argument("--framework", required=True,
                        help="one of the three, followed by further arguments of the experiment's command")
    chosen, others = parser.parse_known_args()
    if hasattr(os, "sched_setaffinity"):
        try:
            os.sched_setaffinity(0, {chosen.processor})
        except (OSError, OverflowError, ValueError):
            parser.error(f"argument processor: must be one that this process may use, got {chosen.processor}")
    return main(experiments[chosen.experiment],
                ["--framework", chosen.framework, *others, "--no-figure", "--quiet", "--resume", "auto"])


if __name__ == "__main__":
    leave(run_trial())
