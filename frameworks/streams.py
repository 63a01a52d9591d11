"""Discards text that cannot be printed, because its reader has gone or the disk is full."""

from __future__ import annotations

import atexit
import errno
import io
import os
import sys
from contextlib import suppress
from types import TracebackType
from typing import TextIO

#: What a write to stdout fails with: no reader, no space, a disk that fails, closed before Python began.
UNPRINTABLE = (errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF)


class _Closed(io.TextIOBase):
    """A stdout that was closed before Python began; Python's own, None, makes `print` do nothing without an error."""

    def write(self, text: str) -> int:
        if text:
            raise OSError(errno.EBADF, "stdout is closed")
        return 0


def tidy_end() -> None:
    """Let a program whose output cannot be written end with exit code 1: in one line, or none if its reader has gone.

    It is called by each program once it has a parser; calling it again changes nothing.
    """
    if sys.stdout is None:
        sys.stdout = _Closed()
    _occupy_descriptors()
    atexit.unregister(_flush_at_exit)
    atexit.register(_flush_at_exit)
    sys.excepthook = _report_uncaught


def _occupy_descriptors() -> None:
    """Give descriptors 0 to 2 that are closed to the null device: a file that gets one would be printed into."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # it gets the lowest one


def flush_stream(stream: TextIO | None) -> OSError | None:
    """Write what a stream still holds; if that fails, drop it and all that follows, and return why."""
    try:
        if stream is not None and not stream.closed:
            stream.flush()
    except OSError as error:
        discard(stream)
        return error
    return None


def discard(stream: TextIO | None) -> None:
    """Let what a stream holds, and all that follows, go to the null device: Python would fail on it at its end."""
    if stream is None:  # it was closed before Python began, and holds nothing
        return
    with suppress(io.UnsupportedOperation):  # a stream of a test's, which Python does not write at its end
        descriptor = stream.fileno()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, descriptor)
        os.close(null)


def _flush_at_exit() -> None:
    error = flush_stream(sys.stdout)
    if error is not None:
        _print_error(error)
        flush_stream(sys.stderr)
        os._exit(1)  # nothing else sets an exit code this late
    flush_stream(sys.stderr)


def _report_uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Report an uncaught error, in one line if it is of the output; Python's exit code is 1 in any case."""
    if isinstance(error, OSError) and error.filename is None and error.errno in UNPRINTABLE:
        discard(sys.stdout)
        _print_error(error)
    else:
        sys.__excepthook__(kind, error, traceback)


def _print_error(error: OSError) -> None:
    if error.errno != errno.EPIPE:  # else a reader has seen enough
        reason = error.strerror or str(error)
        with suppress(OSError):
            print(f"cannot print: {reason.lower()}", file=sys.stderr)
