"""Ignores write errors on stdout and stderr, so that a closed pipe or a full disk does not stop a training."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from frameworks.streams import flush_stream


class _Unbroken:
    """A stream whose `write` and `flush` never fail."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            if self._stream is not None:  # it was closed before Python began
                return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            if self._stream is not None:
                self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def ignore_write_errors() -> Iterator[None]:
    """Return a `with` block in which write errors on stdout and stderr are ignored."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = map(_Unbroken, before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        for stream in before:
            flush_stream(stream)
