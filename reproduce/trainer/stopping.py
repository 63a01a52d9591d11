"""Handles SIGINT and SIGTERM while training: the first requests a stop, the second ends the process at once."""

from __future__ import annotations

import os
import signal
from types import FrameType

from frameworks.children import handle_signals


class StoppedError(Exception):
    """A training that was stopped by a signal and saved."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.exit_code = 128 + number


class Stopping:
    """A `with` block in which a signal only sets `asked`, which the training reads after each update.

    Every file is replaced whole, so a second signal may end the process at any instant.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.asked: int | None = None
        self._handled = handle_signals(self._receive, *self.SIGNALS)

    def __enter__(self) -> Stopping:
        self._handled.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._handled.__exit__(None, None, None)

    def stop_if_requested(self) -> None:
        """Raise StoppedError if a signal has come."""
        if self.asked is not None:
            raise StoppedError(self.asked)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self.asked is not None:
            os._exit(128 + number)
        self.asked = number
