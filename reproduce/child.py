"""A run in a process of its own, which is stopped if this one is, and killed if this one is killed."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from types import FrameType

#: prctl's option (Linux): the signal that a process gets when its parent has died.
PR_SET_PDEATHSIG = 1


def ended(command: list[str]) -> int:
    """Run a command and return its exit code, negative for a signal.

    SIGINT and SIGTERM are handed on, once each: it saves and ends. It has a session of its own, so that Ctrl-C, which
    goes to all processes of a terminal, does not reach it twice.
    """
    process = subprocess.Popen(command, start_new_session=True, preexec_fn=_dies_with_its_parent)

    def hand_on(number: int, frame: FrameType | None) -> None:
        process.send_signal(number)

    before = {number: signal.signal(number, hand_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        return process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _dies_with_its_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
