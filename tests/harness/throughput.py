"""Measures how many runs of 30 epochs an hour are made two at a time, ours and the usual loop's.

Two processes run at the same time, each with one thread on a processor, as the study's runs do; ours is the study's own
command. The time of a run is computed from two lengths: of one epoch, which has the start and the end, and of three.
Each of the other 29 epochs takes half of what three epochs take longer than one.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from frameworks import children
from reproduce.study.plan import Trial
from reproduce.study.runner import build_trial_command, build_trial_environment
from reproduce.trainer.record import list_processors

ROOT = Path(__file__).resolve().parents[2]
JOBS, RUN = 2, 30
#: The lengths that are timed, in epochs.
SHORT, LONG = 1, 3
#: Trains with the usual loop on one processor. Its arguments: processor, framework, folder, epochs.
USUAL = """
import os, pathlib, sys
os.sched_setaffinity(0, {int(sys.argv[1])})
from tests.harness import usual
for _ in getattr(usual, sys.argv[2])(pathlib.Path(sys.argv[3]), int(sys.argv[4])): pass
"""


def measure_runs_an_hour(framework: str, loop: str, prepared: Path, options: Sequence[str]) -> float:
    """Return the number of runs.

    loop: "ours" or "usual". prepared: the folder of the usual loop's data. options: of our runs, such as --data-dir.
    """
    short, long = (measure_seconds(build_commands(framework, loop, prepared, options, epochs))
                   for epochs in (SHORT, LONG))
    return JOBS * 3600 / (short + (RUN - SHORT) * (long - short) / (LONG - SHORT))


def build_commands(framework: str, loop: str, prepared: Path, options: Sequence[str], epochs: int) -> list[list[str]]:
    """Return the commands that train at the same time, each on its processor. Arguments as above."""
    processors = list_processors()
    chosen = [processors[job % len(processors)] for job in range(JOBS)]
    if loop == "usual":
        return [[sys.executable, "-c", USUAL, str(processor), framework, str(prepared), str(epochs)]
                for processor in chosen]
    folder = tempfile.mkdtemp(dir=prepared)
    return [[*build_trial_command(Trial("square_root", "described", framework, job, epochs, average_from=1), processor,
                                  [*options, f"--out={folder}/{job}"])] for job, processor in enumerate(chosen)]


def measure_seconds(commands: Sequence[Sequence[str]]) -> float:
    """Return the time in which all processes end that begin together. Raises RuntimeError if one fails."""
    begin = time.perf_counter()
    processes = [children.start(list(command), cwd=ROOT, env=build_trial_environment(), stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for command in commands]
    errors = [process.communicate()[1] for process in processes]
    seconds = time.perf_counter() - begin
    for process, error in zip(processes, errors):
        if process.returncode:
            raise RuntimeError(f"exit code {process.returncode}: {error.strip()[-2000:]}")
    return seconds
