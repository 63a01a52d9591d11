"""A life of a run: a forked child that trains on made-up images, tells what it does, and may be killed."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from frameworks.weights import digest
from reproduce.trainer import checkpoint
from reproduce.trainer.data import Data
from tests.harness.rehearsal import Watch, rehearse

#: No child takes so many seconds.
LIMIT = 120


class Life:
    """Born where it is constructed; `wait` or `kill` it. A pipe tells what it has done, at once and without a buffer.

    weights: a file for the SHA-256 of the weights after each update. watch: called in the child at each step.
    """

    def __init__(self, arguments: list[str], out: Path, weights: Path | None = None, watch: Watch | None = None,
                 data: Data | None = None) -> None:
        self._said, self._end = b"", None
        self._pipe, writing = os.pipe()
        self.born, self.times = time.monotonic(), []
        sys.stdout.flush()
        self._process = os.fork()
        if self._process == 0:
            code = 1
            try:
                os.close(self._pipe)
                code = _lived([*arguments, "--out", str(out)], out, writing, weights, watch, data)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        os.close(writing)

    def kill(self, updates: int, delay: float, into_saving: float | None = None) -> int:
        """Kill it after so many updates of this life and so many seconds more, and return how it has ended.

        into_saving: then wait until it saves, and so many seconds more.
        """
        if updates:
            self._hear(LIMIT, until=lambda: len(self._updates) >= updates)
        self._hear(delay)
        if into_saving is not None:
            self._hear(LIMIT, until=lambda: self.saving)
            time.sleep(into_saving)
        os.kill(self._process, signal.SIGKILL)
        return self.wait()

    def wait(self) -> int:
        """Return its exit code, negative for a signal."""
        self._hear(LIMIT)
        if self._end is None:
            _, status = os.waitpid(self._process, 0)
            self._end = os.waitstatus_to_exitcode(status)
            os.close(self._pipe)
        return self._end

    @property
    def made(self) -> int:
        """The update that it has made last; 0 if it has made none."""
        return self._updates[-1] if self._updates else 0

    @property
    def saving(self) -> bool:
        """Whether it was writing a checkpoint when it ended."""
        return self._said.rfind(b"(") > self._said.rfind(b")")

    @property
    def _updates(self) -> list[int]:
        return [int(line) for line in self._said.split(b"\n")[:-1] if line.isdigit()]

    def _hear(self, seconds: float, *, until: Callable[[], bool] = lambda: False) -> None:
        """Listen for so long, or until something holds, or it has ended."""
        end = time.monotonic() + seconds
        while self._end is None and not until():
            ready, _, _ = select.select([self._pipe], [], [], max(0, end - time.monotonic()))
            if not ready:
                return
            said = os.read(self._pipe, 1 << 16)
            if not said:
                return
            self._said += said
            if self.made:
                self.times.append(time.monotonic())


def _lived(arguments: list[str], out: Path, pipe: int, weights: Path | None, also: Watch | None,
           data: Data | None) -> int:
    log = os.open(out.with_name(f"{out.name}.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)

    def watch(step: str, update: int) -> None:
        if step == "made":
            os.write(pipe, b"%d\n" % update)
        elif step in ("saving", "saved"):
            os.write(pipe, b"(\n" if step == "saving" else b")\n")
        if step == "saved" and weights:
            with weights.open("a") as file:
                print(update, digest(checkpoint.load(out)[0].weights.values()), file=file)

        if also:
            also(step, update)

    code = rehearse(arguments, watch, data)
    sys.stdout.flush()
    return code
