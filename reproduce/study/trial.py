"""Train one run of a plan on one processor: an experiment's command without its figure.

python reproduce/study/trial.py PROCESSOR EXPERIMENT [the experiment's arguments]
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)  # the project, in place of this folder

import os

from reproduce.command import leave, main
from reproduce.experiments import EXPERIMENTS


def trial(arguments: list[str]) -> int:
    """Run the experiment in this process, which from now on uses one processor. Returns the exit code."""
    processor, name, *options = arguments
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(processor)})
    experiment = next(experiment for experiment in EXPERIMENTS if experiment.name == name)
    return main(experiment, [*options, "--no-figure", "--quiet", "--resume", "auto"])


if __name__ == "__main__":
    leave(trial(sys.argv[1:]))
