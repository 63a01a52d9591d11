"""Trains one run of a plan on one processor: an experiment's command without its figure.

python reproduce/study/trial.py PROCESSOR EXPERIMENT|SCHEDULE [the experiment's arguments]
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)  # the project instead of this folder

import argparse
import os
from importlib import import_module

from pydantic import ValidationError

from frameworks.arguments import Parser, build_choice_type
from reproduce.chapter import EXPERIMENTS
from reproduce.study.schedules import PlannedSchedule
from reproduce.trainer.command import leave, main
from reproduce.trainer.experiment import Experiment
from reproduce.trainer.manifest import describe_first_mistake


def parse_experiment(text: str) -> Experiment:
    """Return an experiment of the chapter by its name, or that of a `PlannedSchedule` in JSON."""
    if not text.startswith("{"):
        known = {experiment.name: experiment for experiment in EXPERIMENTS}
        return known[build_choice_type(tuple(known))(text)]
    try:
        return PlannedSchedule.model_validate_json(text).build_experiment()
    except ValidationError as error:
        raise argparse.ArgumentTypeError(f"must be a schedule of a plan: {describe_first_mistake(error)}") from None


def run_trial() -> int:
    """Bind this process to one processor, run the experiment in it, and return the exit code."""
    parser = Parser(prog="trial.py", description="Train one run of the study on one processor.")
    parser.add_argument("processor", type=int, help="the processor's number, from 0")
    parser.add_argument("experiment", type=parse_experiment,
                        help=f"{', '.join(experiment.name for experiment in EXPERIMENTS)}, or a schedule as JSON")
    parser.add_argument("--framework", required=True,
                        help="one of the three, followed by further arguments of the experiment's command")
    chosen, others = parser.parse_known_args()
    if hasattr(os, "sched_setaffinity"):
        try:
            os.sched_setaffinity(0, {chosen.processor})
        except (OSError, OverflowError, ValueError):
            parser.error(f"argument processor: must be one that this process may use, got {chosen.processor}")
    train = import_module("reproduce.trainer.deep").main if chosen.experiment.depth else main
    return train(chosen.experiment,
                 ["--framework", chosen.framework, *others, "--no-figure", "--quiet", "--resume", "auto"])


if __name__ == "__main__":
    leave(run_trial())
