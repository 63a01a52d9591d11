"""One process per framework, each printing one JSON document."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from frameworks import FRAMEWORKS
from frameworks.schedule import Schedule, write

ROOT = Path(__file__).resolve().parent.parent
PARITY_FAILED = 4
#: Seconds; the thorough laws of one framework take about an hour.
TIMEOUT = 4 * 3600


class MeasurementFailed(RuntimeError):
    """A process that ended without a document: what it said, and its exit code, 2 for a framework that is missing."""

    def __init__(self, what: str, code: int = 1) -> None:
        super().__init__(what)
        self.code = code


def started(pool: ThreadPoolExecutor, command: Callable[[str], list[str]]) -> dict[str, Future]:
    """Run `command(framework)`, the arguments after `python`, for each framework.

    A future gives the document, or raises MeasurementFailed.
    """
    return {framework: pool.submit(_run, command(framework)) for framework in FRAMEWORKS}


def measure_command(framework: str, schedules: list[tuple[Schedule, int]], folder: Path) -> list[str]:
    """Write schedules into a folder and return the arguments that measure them, each over its number of updates."""
    paths = []
    for index, (schedule, _) in enumerate(schedules):
        paths.append(folder / f"{index}.json")
        write(schedule, paths[-1])
    updates = ",".join(str(updates) for _, updates in schedules)
    return ["-m", "parity", "measure", "--framework", framework, "--updates", updates, *map(str, paths)]


def _run(arguments: list[str]) -> dict[str, Any]:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}  # two processes share two cores
    try:
        process = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True,
                                 text=True, check=False, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        raise MeasurementFailed(f"no end after {TIMEOUT} s: python {' '.join(arguments)[:200]}") from None
    if process.returncode not in (0, PARITY_FAILED):  # 4: a law is broken, and the document says which
        raise MeasurementFailed(f"exit code {process.returncode}: {process.stderr.strip()[-2000:]}", process.returncode)
    return json.loads(process.stdout)
