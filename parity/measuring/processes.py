"""One process per framework, each printing one JSON document."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from frameworks import FRAMEWORKS, children
from frameworks.exit_codes import FAILED
from frameworks.schedule import Schedule, write

ROOT = Path(__file__).resolve().parents[2]
#: Seconds; the thorough laws of one framework take about an hour.
TIMEOUT = 4 * 3600


class MeasurementFailed(RuntimeError):
    """A process that ended without a document: what it said, and its exit code, 2 for a framework that is missing."""

    def __init__(self, what: str, code: int = 1) -> None:
        super().__init__(what)
        self.code = code


class Processes(ThreadPoolExecutor):
    """Runs processes, at most `most` at once. They end with the `with` block, and with this process."""

    def __init__(self, most: int) -> None:
        super().__init__(max_workers=most)  # a thread waits for each process, which ends with its thread
        self._running: set[subprocess.Popen] = set()
        self._ended = False
        self._lock = threading.Lock()
        self._signals = children.ended_by_signals()

    def __enter__(self) -> Processes:
        self._signals.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        with self._lock:
            self._ended = True
            for process in self._running:
                children.end(process)
        self.shutdown(cancel_futures=True)
        self._signals.__exit__(None, None, None)

    def measure(self, arguments: list[str]) -> dict[str, Any]:
        """Run Python and return the document that it prints. Raises MeasurementFailed."""
        environment = os.environ | {"OMP_NUM_THREADS": "1"}  # two processes share two cores
        with self._lock:
            if self._ended:
                raise CancelledError
            process = children.start([sys.executable, *arguments], cwd=ROOT, env=environment, text=True,
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self._running.add(process)
        try:
            done = children.wait(process, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            raise MeasurementFailed(f"no end after {TIMEOUT} s: python {' '.join(arguments)[:200]}") from None
        finally:
            with self._lock:
                self._running.discard(process)
        if done.returncode not in (0, FAILED):  # 4: a law is broken, and the document says which
            raise MeasurementFailed(f"exit code {done.returncode}: {done.stderr.strip()[-2000:]}", done.returncode)
        return json.loads(done.stdout)


def started(pool: Processes, command: Callable[[str], list[str]]) -> dict[str, Future]:
    """Run `command(framework)`, the arguments after `python`, for each framework.

    A future gives the document, or raises MeasurementFailed.
    """
    return {framework: pool.submit(pool.measure, command(framework)) for framework in FRAMEWORKS}


def measure_command(framework: str, schedules: list[tuple[Schedule, int]], folder: Path) -> list[str]:
    """Write schedules into a folder and return the arguments that measure them, each over its number of updates."""
    paths = []
    for index, (schedule, _) in enumerate(schedules):
        paths.append(folder / f"{index}.json")
        write(schedule, paths[-1])
    updates = ",".join(str(updates) for _, updates in schedules)
    return ["-m", "parity", "measure", "--framework", framework, "--updates", updates, *map(str, paths)]
