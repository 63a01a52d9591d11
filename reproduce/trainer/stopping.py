"""SIGINT and SIGTERM while training: the first asks to stop, the second ends the process at once."""

from __future__ import annotations

import os
import signal
from types import FrameType, TracebackType


class Stopped(Exception):
    """The training has been stopped by a signal, and saved."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.exit_code = 128 + number


class Stopping:
    """A `with` block in which a signal only sets `asked`; whoever trains looks there after each update.

    Every file is replaced whole, so a second signal may end the process at any instant.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.asked: int | None = None
        self._before: dict[int, object] = {}

    def __enter__(self) -> Stopping:
        self._before = {number: signal.signal(number, self._heard) for number in self.SIGNALS}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def stop_if_asked(self) -> None:
        """Raises Stopped."""
        if self.asked is not None:
            raise Stopped(self.asked)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self.asked is not None:
            os._exit(128 + number)
        self.asked = number
