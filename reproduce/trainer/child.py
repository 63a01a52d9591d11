"""A run in a process of its own, which is stopped if this one is, and killed if this one is killed."""

from __future__ import annotations

import signal
from types import FrameType

from frameworks import children


def ended(command: list[str]) -> int:
    """Run a command and return its exit code, negative for a signal.

    SIGINT and SIGTERM are handed on: it saves and ends. If it has ended just before with 0, that is not returned, but
    130 or 143. It has a session of its own, so that Ctrl-C, which goes to all processes of a terminal, does not reach
    it twice.
    """
    heard = []
    process = children.start(command)

    def hand_on(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        process.send_signal(number)

    with children.handled(hand_on, signal.SIGINT, signal.SIGTERM):
        code = process.wait()
        return 128 + heard[0] if heard and not code else code
