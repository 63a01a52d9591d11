"""Defines the interface between a law and an implementation."""

from __future__ import annotations

import base64
import contextlib
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from frameworks import FRAMEWORKS, backend
from frameworks.arguments import Parser
from frameworks.arguments import framework as framework_name
from frameworks.schedule import Schedule
from frameworks.schedule.union import ADAPTER
from parity.gate.laws.expected import ViolationError
from parity.measuring.processes import ROOT


@dataclass(frozen=True)
class Subject:
    """An implementation.

    framework: its name.
    module: the module of its `Watched`.
    observe: makes many updates.
    watched: makes one update at a time.
    elsewhere: resumes in another process.
    """

    framework: str
    module: ModuleType
    observe: Callable[..., Any]
    watched: Callable[..., Any]
    elsewhere: Elsewhere | Here

    @classmethod
    def from_framework(cls, framework: str) -> Subject:
        """Return the unchanged back end of a framework."""
        module = importlib.import_module(f"{backend(framework).__name__}.watched")
        return cls(framework, module, backend(framework).observe, module.Watched, Elsewhere(framework))


class Elsewhere:
    """Resumes from saved states in another process: `python -m parity.gate.laws.subject FRAMEWORK`."""

    def __init__(self, framework: str) -> None:
        self.framework = framework
        self._process: subprocess.Popen | None = None
        self._words = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115  (stderr, for when it ends)

    def resume(self, schedule: Schedule, saves: list[bytes], updates: int) -> np.ndarray:
        """Build again from the schedule, load each save, and return the rates of more updates.

        Shape (saves, updates, 11). FRESH and FIRST are how often it is built.
        """
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "parity.gate.laws.subject", self.framework], cwd=ROOT, text=True,
                env=os.environ | {"OMP_NUM_THREADS": "1"},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._words)
        question = {"schedule": schedule.model_dump(mode="json"), "updates": updates,
                    "saves": [base64.b64encode(saved).decode() for saved in saves]}
        assert self._process.stdout is not None  # a pipe, as above
        print(json.dumps(question), file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline() or "null")
        if answer is None:
            ended, self._process = self._process.wait(), None
            self._words.seek(0)
            words = self._words.read().split("\n")[-3:]
            raise RuntimeError(
                f"the process that resumes in {self.framework} ended: {ended}, {' '.join(words).strip()}")
        if "error" in answer:
            raise ViolationError(f"resumed in another process: {answer['error']}")
        return np.array(answer["rates"])

    def close(self) -> None:
        """End the process, if it was started."""
        if self._process is not None:
            assert self._process.stdin is not None  # a pipe, as above
            self._process.stdin.close()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:  # torch 2.1 may wait for its compiler's workers; all answers are there
                self._process.kill()
                self._process.wait()
            self._process = None
        self._words.close()


#: Every tenth saved state, and the first three, are loaded into a new optimizer, the others into the last one built.
FRESH, FIRST = 10, 3


class Here:
    """Resumes in this process: for a mistake, which another process would not have.

    Goes from the last state to the first, so that what loading leaves of a used optimizer is an update that is wrong.
    """

    def __init__(self, watched: Callable[..., Any]) -> None:
        self.watched = watched

    def resume(self, schedule: Schedule, saves: list[bytes], updates: int) -> np.ndarray:
        """Build again from the schedule, load each save, and return the rates of more updates.

        Shape (saves, updates, 11).
        """
        rates, again = [], self.watched(schedule)
        for number, saved in enumerate(reversed(saves)):
            if number and (number % FRESH == 0 or number >= len(saves) - FIRST):
                again = self.watched(schedule)
            again.load(saved)
            rates.append([again.update() for _ in range(updates)])
        return np.array(rates[::-1])

    def close(self) -> None:
        """Do nothing: nothing is open."""


def main() -> None:
    """Answer each line of stdin."""
    parser = Parser(prog="python -m parity.gate.laws.subject", description="Answer each line of stdin.")
    parser.add_argument("framework", type=framework_name, metavar="FRAMEWORK", help=", ".join(FRAMEWORKS))
    subject = Subject.from_framework(parser.parse_args().framework)
    for line in sys.stdin:
        question = json.loads(line)
        try:
            with contextlib.redirect_stdout(sys.stderr):
                saves = list(map(base64.b64decode, question["saves"]))
                schedule = ADAPTER.validate_python(question["schedule"])
                rates = Here(subject.watched).resume(schedule, saves, question["updates"])
            answer = {"rates": rates.tolist()}
        except Exception as error:  # a back end may raise anything: the other process reports it
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
