"""Runs a command in a separate process, which is stopped or killed when this one is."""

from __future__ import annotations

import signal
from types import FrameType

from frameworks import children


def run_child(command: list[str]) -> int:
    """Run a command and return its exit code, negative for a signal.

    SIGINT and SIGTERM are passed on, so that it saves and ends; if it has just ended with 0, the result is 130 or 143.
    It runs in a separate session, so that Ctrl-C, which goes to all processes of a terminal, does not reach it twice.
    """
    received = []
    process = children.start(command)

    def pass_on(number: int, frame: FrameType | None) -> None:
        received.append(number)
        process.send_signal(number)

    with children.handle_signals(pass_on, signal.SIGINT, signal.SIGTERM):
        code = process.wait()
        return 128 + received[0] if received and not code else code
