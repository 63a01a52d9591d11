"""Start processes that end when the process that started them ends, however that ends."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn

#: prctl's option (Linux): the signal that a process gets when the thread that started it has ended.
PR_SET_PDEATHSIG = 1
#: Looked up before any fork: afterwards, beside other threads, a process should do as little as possible.
_PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def follow_parent() -> Callable[[], None]:
    """Return a preexec_fn after which a process is killed as soon as the thread that started it ends (Linux).

    The starting thread must wait for the process.
    """
    parent = os.getpid()

    def follow() -> None:
        if _PRCTL is not None:
            _PRCTL(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # the parent has ended since
                os._exit(1)

    return follow


def start(command: list[str], **options: Any) -> subprocess.Popen:
    """Start a process, in a separate session, that ends with the calling thread. options: those of Popen.

    Ctrl-C is sent to all processes of a terminal's session, so it does not reach this one.
    """
    return subprocess.Popen(command, start_new_session=True, preexec_fn=follow_parent(), **options)  # noqa: PLW1509


def end(process: subprocess.Popen) -> None:
    """Kill a process that `start` returned, and what it has started."""
    with suppress(OSError):  # it has ended by itself
        os.killpg(process.pid, signal.SIGKILL)


def run(command: list[str], given: str | None = None, timeout: float | None = None,
        **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a process to its end, and return its exit code and output. given: its standard input.

    If this is interrupted, the process is killed. Raises subprocess.TimeoutExpired.
    """
    process = start(command, stdin=subprocess.DEVNULL if given is None else subprocess.PIPE, stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE, text=True, **options)
    return wait(process, given, timeout)


def wait(process: subprocess.Popen, given: str | None = None, timeout: float | None = None,
         ) -> subprocess.CompletedProcess[str]:
    """Wait for a process that `start` returned; as `run`."""
    with exit_on_signals(), process:
        try:
            output, errors = process.communicate(given, timeout)
        except BaseException:
            end(process)
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


@contextmanager
def exit_on_signals() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into SystemExit, with 143 and 129, so that children end and temporary files go.

    A signal that is ignored, as after nohup, or handled stays so. Does nothing outside the main thread.
    """
    def leave(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    numbers = [number for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM))
               if threading.current_thread() is threading.main_thread() and signal.getsignal(number) == signal.SIG_DFL]
    with handle_signals(leave, *numbers):
        yield


@contextmanager
def handle_signals(handler: Callable[[int, FrameType | None], object], *numbers: int) -> Iterator[None]:
    """Let a function handle signals in a `with` block; afterwards they are handled as before."""
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
