"""Runs a training on made-up images in a forked child, which reports its steps and can be killed."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from frameworks.weights import compute_digest
from reproduce.trainer import checkpoint
from reproduce.trainer.data import Data
from tests.harness import forks
from tests.harness.rehearsal import Watch, rehearse

#: The longest time of a child, in seconds.
LIMIT = 120


class Life:
    """A child process, started by the constructor; end it by `wait` or `kill`. It reports through an unbuffered pipe.

    arguments: of the command. out: the run's folder. weights: file for the SHA-256 of the weights after each update.
    watch: called in the child at each step. data: the images (default: made up).
    """

    def __init__(self, arguments: list[str], out: Path, weights: Path | None = None, watch: Watch | None = None,
                 data: Data | None = None) -> None:
        self._output, self._end = b"", None
        self._pipe, writing = os.pipe()
        self.born, self.times = time.monotonic(), []
        train = partial(self._train, [*arguments, "--out", str(out)], out, writing, weights, watch, data)
        with out.with_name(f"{out.name}.log").open("ab") as log:
            self._process = forks.start(train, log, log)
        os.close(writing)

    def kill(self, updates: int, delay: float, into_saving: float | None = None) -> int:
        """Kill the child and return its exit code.

        updates: wait for this number of updates of this child. delay: then wait this many seconds. into_saving: then
        wait until it saves, and this many seconds more (default: do not wait for a save).
        """
        if updates:
            self._read(LIMIT, until=lambda: len(self._updates) >= updates)
        self._read(delay)
        if into_saving is not None:
            self._read(LIMIT, until=lambda: self.saving)
            time.sleep(into_saving)
        os.kill(self._process, signal.SIGKILL)
        return self.wait()

    def wait(self) -> int:
        """Wait for the end of the child and return its exit code, negative for a signal."""
        self._read(LIMIT)
        if self._end is None:
            self._end = forks.wait(self._process)
            os.close(self._pipe)
        return self._end

    @property
    def made(self) -> int:
        """The last update it made; 0 if it made none."""
        return self._updates[-1] if self._updates else 0

    @property
    def saving(self) -> bool:
        """True if it was writing a checkpoint when it ended."""
        return self._output.rfind(b"(") > self._output.rfind(b")")

    @property
    def _updates(self) -> list[int]:
        return [int(line) for line in self._output.split(b"\n")[:-1] if line.isdigit()]

    def _read(self, seconds: float, *, until: Callable[[], bool] = lambda: False) -> None:
        """Read the pipe for some seconds, or until a condition holds or the child ends."""
        end = time.monotonic() + seconds
        while self._end is None and not until():
            ready, _, _ = select.select([self._pipe], [], [], max(0, end - time.monotonic()))
            if not ready:
                return
            part = os.read(self._pipe, 1 << 16)
            if not part:
                return
            self._output += part
            if self.made:
                self.times.append(time.monotonic())

    def _train(self, arguments: list[str], out: Path, pipe: int, weights: Path | None, also: Watch | None,
               data: Data | None) -> int:
        os.close(self._pipe)

        def watch(step: str, update: int) -> None:
            if step == "made":
                os.write(pipe, b"%d\n" % update)
            elif step in ("saving", "saved"):
                os.write(pipe, b"(\n" if step == "saving" else b")\n")
            if step == "saved" and weights:
                with weights.open("a") as file:
                    print(update, compute_digest(checkpoint.load(out)[0].weights.values()), file=file)

            if also:
                also(step, update)

        return rehearse(arguments, watch, data)
