"""Runs functions in forks of this process, each with its own streams, folder and limit of time."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from socket import socket
from typing import IO, NoReturn

from frameworks.streams import flush_stream


def start(run: Callable[[], object], output: IO | socket, errors: IO | socket, folder: Path | str = ".",
          seconds: int = 0) -> int:
    """Run a function in a fork, which ends with it, and return the fork's process number.

    run: returns an exit code, or None for 0. output, errors: what the fork's stdout and stderr write into. folder: of
    the fork (default: the current one). seconds: SIGALRM is sent to the fork after them (default: 0, never).
    """
    def prepare_and_run() -> object:
        for number, stream in enumerate((output, errors), 1):
            os.dup2(stream.fileno(), number)
        os.chdir(folder)
        signal.alarm(seconds)
        return run()

    sys.stdout.flush()  # else the fork prints it again
    process = os.fork()
    if process == 0:
        end_with(prepare_and_run)
    return process


def wait(process: int) -> int:
    """Wait for the end of a fork and return its exit code, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def end_with(run: Callable[[], object], finish: Callable[[], object] = lambda: None) -> NoReturn:
    """Run a function and end the process with the exit code of Python, but leave what is in memory as it is.

    Waits for no thread. An error while stdout is flushed is exit code 120. finish: called after the function, however
    that ended (default: nothing, so that nothing that the fork's parent registered for its own exit is called).
    """
    code: object = 1
    try:
        try:
            code = run() or 0
        except SystemExit as end:
            code = end.code or 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        if not isinstance(code, int):
            code = print(code, file=sys.stderr) or 1
        finish()
        if [error for stream in (sys.stdout, sys.stderr) if (error := flush_stream(stream))]:
            code = 120
    finally:
        os._exit(code & 255 if isinstance(code, int) else 1)
