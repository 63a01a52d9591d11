"""Runs a script of a recipe in an empty folder and returns the rates it recorded and what it printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from frameworks.generated import ROOT

#: Seconds that a script may take.
LONGEST = 300
#: The message of `assert_applied`, after its class; lines of another process may be in between.
FAILED = re.compile(r"NotAppliedError: (update .*)\n(?:.*\n)*?(?:\[rank\d+\]: )?(known mistake.*)")


@dataclass(frozen=True)
class Outcome:
    """The result of a script.

    rates: the recorded rates by file: of each process, if there are several.
    message: two lines of `assert_applied`: the first wrong update and the known mistake; empty if it raised nothing.
    """

    rates: dict[str, list[float]]
    message: tuple[str, ...] = ()


class ScriptError(Exception):
    """Raised if a script ended in another way than at `assert_applied` or at its end."""


def run_script(name: str, script: str, processes: int = 0) -> Outcome:
    """Run a script.

    name: of its file.
    script: its text.
    processes: number of processes that torchrun starts (default: 0, without it).

    Raises ScriptError.
    """
    launch = ["-m", "torch.distributed.run", "--standalone", "--monitor-interval", "1", "--nproc_per_node",
              str(processes)] if processes else []  # within the interval the other processes end by themselves
    with TemporaryDirectory() as folder:
        (Path(folder) / f"{name}.py").write_text(script, encoding="utf-8")
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3", "HF_HUB_OFFLINE": "1"}
        try:
            ended = subprocess.run([sys.executable, *launch, f"{name}.py"], cwd=folder, env=environment,
                                   capture_output=True, text=True, timeout=LONGEST, check=False)
        except subprocess.TimeoutExpired:
            raise ScriptError(f"{name}: longer than {LONGEST} s") from None
        rates = {path.stem: read_rates(path) for path in sorted(Path(folder).glob("rates*.csv"))}
    if ended.returncode == 0:
        return Outcome(rates)
    found = FAILED.search(ended.stderr)
    if not found:
        raise ScriptError(f"{name}: exit code {ended.returncode}, not at assert_applied:\n{ended.stderr[-3000:]}")
    return Outcome(rates, (found[1], found[2]))


def read_rates(path: Path) -> list[float]:
    """Return the rates of the first group, from a file that `record` wrote."""
    return [float(line.split(",")[1]) for line in path.read_text(encoding="utf-8").splitlines()[1:]]
