"""Runs commands in workers: processes that import a framework once, and run one command after another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from frameworks import FRAMEWORKS, children
from frameworks.exit_codes import FAILED, UNEXPECTED
from frameworks.schedule import Schedule, write

ROOT = Path(__file__).resolve().parents[2]
#: Seconds; the thorough laws of one framework take about an hour.
TIMEOUT = 4 * 3600
#: Modules that train in MXNet with its threads, as users do.
THREADED = ("parity.gate.training.passes", "parity.gate.groups", "parity.gate.plateau")


class MeasurementError(RuntimeError):
    """A process ended without a document.

    what: its last output. code: its exit code, 2 for a missing framework.
    """

    def __init__(self, what: str, code: int = 1) -> None:
        super().__init__(what)
        self.code = code


class Worker:
    """A process that runs commands, one after another: parity/measuring/worker.py."""

    def __init__(self, plain: bool = False) -> None:
        """Start the process. plain: with MXNet's usual engine, as users have it (default: the one for tiny updates)."""
        self._errors = tempfile.TemporaryFile("a+", errors="replace")  # noqa: SIM115  (closed by `end`)
        environment = os.environ | {"OMP_NUM_THREADS": "1"}  # two processes share two cores
        self._process = process = children.start(
            [sys.executable, "-m", "parity.measuring.worker", *["--plain"] * plain], cwd=ROOT, env=environment,
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors)
        assert process.stdout is not None  # a pipe, as above
        self._answers = process.stdout

    def run(self, module: str, arguments: list[str]) -> dict[str, Any]:
        """Run a module's `main` and return the document that it prints. Raises MeasurementError."""
        begin = self._errors.seek(0, os.SEEK_END)
        timer = threading.Timer(TIMEOUT, children.end, [self._process])
        timer.start()
        try:
            print(json.dumps([module, *arguments]), file=self._process.stdin, flush=True)
            answer = json.loads(self._answers.readline() or "null")
        except (OSError, ValueError):  # it ended in between
            answer = None
        finally:
            timer.cancel()
        code, output = (answer["code"], answer["output"]) if answer else (self._process.wait(), "")
        if answer and code in (0, FAILED):  # FAILED: a law is broken, and the document names it
            try:
                return json.loads(output)
            except ValueError:
                raise MeasurementError(f"{module} printed more than a document, or none: {output[:200]!r}") from None
        self._errors.seek(begin)
        raise MeasurementError(f"exit code {code}: {self._errors.read().strip()[-2000:]}", code or UNEXPECTED)

    @property
    def alive(self) -> bool:
        """True if it can run another command."""
        return self._process.poll() is None

    def end(self) -> None:
        """Kill it, if it has not ended."""
        children.end(self._process)
        with suppress(OSError), self._process:  # waits, and closes its pipes; a question may be left in one
            pass
        self._errors.close()


class Processes(ThreadPoolExecutor):
    """Runs commands in workers, each of one framework. Workers end with the `with` block.

    most: the number of commands that run at once.
    """

    def __init__(self, most: int) -> None:
        super().__init__(max_workers=most)  # a thread waits for each command
        #: Of each command that has ended: its seconds, its framework and its module.
        self.times: list[tuple[float, str, str]] = []
        self._workers: list[Worker] = []
        self._idle: dict[tuple[str, bool], list[Worker]] = {}
        self._ended = False
        self._lock = threading.Lock()
        self._signals = children.exit_on_signals()

    def __enter__(self) -> Processes:
        self._signals.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        try:
            with self._lock:
                self._ended = True
                for worker in self._workers:
                    worker.end()
            self.shutdown(cancel_futures=True)
        finally:
            self._signals.__exit__(None, None, None)

    def measure(self, framework: str, module: str, arguments: list[str]) -> dict[str, Any]:
        """Run a module's `main` in a worker that has imported the framework, and return the document that it prints.

        Raises MeasurementError.
        """
        with self._lock:
            if self._ended:
                raise CancelledError
            plain = framework == "mxnet" and module in THREADED
            idle = self._idle.setdefault((framework, plain), [])
            idle[:] = [worker for worker in idle if worker.alive]
            if not idle:
                idle.append(Worker(plain))
                self._workers.append(idle[0])
            worker = idle.pop()
        begin = time.monotonic()
        try:
            return worker.run(module, arguments)
        finally:
            with self._lock:
                self.times.append((time.monotonic() - begin, framework, module))
                if worker.alive:
                    idle.append(worker)


def start_measurements(pool: Processes, module: str, command: Callable[[str], list[str]]) -> dict[str, Future]:
    """Start a module's `main` with the arguments `command(framework)`, for each framework.

    The result of a future is the document; it may raise MeasurementError.
    """
    return {framework: pool.submit(pool.measure, framework, module, command(framework)) for framework in FRAMEWORKS}


def measure_command(framework: str, schedules: list[tuple[Schedule, int]], folder: Path) -> list[str]:
    """Write schedules into a folder and return the arguments that measure them, each over its number of updates."""
    paths = []
    for index, (schedule, _) in enumerate(schedules):
        paths.append(folder / f"{index}.json")
        write(schedule, paths[-1])
    updates = ",".join(str(updates) for _, updates in schedules)
    return ["measure", "--framework", framework, "--updates", updates, *map(str, paths)]
