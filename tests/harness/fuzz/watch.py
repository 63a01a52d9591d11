"""Watches what a process does while it reads a file: code run, files opened, connections, memory, time."""

from __future__ import annotations

import os
import resource
import signal
import sys
import sysconfig
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NoReturn

#: Events (https://docs.python.org/3/library/audit_events.html) that reading a file never causes.
FORBIDDEN = ("subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile",
             "os.remove", "os.rename", "os.rmdir", "os.chmod", "os.kill", "os.putenv", "shutil.", "socket.", "urllib.",
             "http.client", "pickle.find_class", "ctypes.dlopen", "ctypes.dlsym", "pty.", "code.__new__")
#: Code and files of Python, its packages and this project; all others belong to the file that is read.
OURS = tuple({str(Path(path).resolve()) for path in (
    *sysconfig.get_paths().values(), os.path.dirname(os.__file__), Path(__file__).parents[3])} |
    set(sysconfig.get_paths().values()) | {"<frozen "})


class NoticedError(Exception):
    """An action that reading a file must not cause."""


class _TooSlowError(BaseException):
    pass


class _Hook:
    """The audit hook, which cannot be removed: it records only while a case is read."""

    def __init__(self) -> None:
        self.events: list[str] | None = None
        self.folder, self.parses = "", False
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.events is None:
            return
        if event.startswith(FORBIDDEN):
            self.events.append(f"{event} {arguments!r:.80}")
        elif event == "exec":
            code = arguments[0]
            if not isinstance(code, CodeType) or not code.co_filename.startswith(OURS):
                self.events.append(f"exec {code!r:.80}")
        elif event == "compile":
            if not self.parses and not str(arguments[1]).startswith(OURS):
                self.events.append(f"compile {arguments[0]!r:.80}")
        elif event == "open":
            path, mode, flags = arguments
            here = isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith((self.folder, *OURS))
            if not here or set(mode or "") & set("wax+") or (flags or 0) & (os.O_WRONLY | os.O_RDWR):
                self.events.append(f"open {path!r:.80} {mode or flags}")


_hook: _Hook | None = None


@contextmanager
def watch_reading(folder: Path, *, parses: bool, most: int, seconds: float) -> Iterator[None]:
    """Watch the `with` block. Raises NoticedError.

    folder: whose files may be opened. parses: Python may be parsed (not run). most: bytes of memory. seconds: of time.
    """
    global _hook  # noqa: PLW0603
    _hook = _hook or _Hook()
    _hook.folder, _hook.parses, _hook.events = str(folder), parses, (events := [])
    before = signal.signal(signal.SIGALRM, _raise_too_slow)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    start = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    try:
        yield
    except _TooSlowError:
        raise NoticedError(f"took more than {seconds:g} s") from None
    finally:
        _hook.events = None
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        peak = tracemalloc.get_traced_memory()[1] - start
        if events:
            raise NoticedError("; ".join(events[:3]))
        if peak > most:
            raise NoticedError(f"took {peak >> 20} MiB, more than {most >> 20}")


def _raise_too_slow(number: int, frame: FrameType | None) -> NoReturn:
    raise _TooSlowError


@contextmanager
def limit_memory(more: int) -> Iterator[None]:
    """Limit the growth of this process in the `with` block; tracemalloc is on. more: bytes of addresses."""
    have = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    tracing = tracemalloc.is_tracing()
    resource.setrlimit(resource.RLIMIT_AS, (have + more, hard))
    tracemalloc.start(1)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        if not tracing:
            tracemalloc.stop()
