"""What a process does while it reads a file: code run, files opened, connections, memory, time."""

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
#: Code and files from here are those of Python, its packages and this project, not of the file that is read.
OURS = tuple({str(Path(path).resolve()) for path in (
    *sysconfig.get_paths().values(), os.path.dirname(os.__file__), Path(__file__).parents[3])} |
    set(sysconfig.get_paths().values()) | {"<frozen "})


class Noticed(Exception):
    """Something that reading a file must not do, in a few words."""


class _TooSlow(BaseException):
    pass


class _Listener:
    """The audit hook, which cannot be taken away again: it listens only while a case is read."""

    def __init__(self) -> None:
        self.heard: list[str] | None = None
        self.folder, self.parses = "", False
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.heard is None:
            return
        if event.startswith(FORBIDDEN):
            self.heard.append(f"{event} {arguments!r:.80}")
        elif event == "exec":
            code = arguments[0]
            if not isinstance(code, CodeType) or not code.co_filename.startswith(OURS):
                self.heard.append(f"exec {code!r:.80}")
        elif event == "compile":
            if not self.parses and not str(arguments[1]).startswith(OURS):
                self.heard.append(f"compile {arguments[0]!r:.80}")
        elif event == "open":
            path, mode, flags = arguments
            here = isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith((self.folder, *OURS))
            if not here or set(mode or "") & set("wax+") or (flags or 0) & (os.O_WRONLY | os.O_RDWR):
                self.heard.append(f"open {path!r:.80} {mode or flags}")


_listener: _Listener | None = None


@contextmanager
def watched(folder: Path, *, parses: bool, most: int, seconds: float) -> Iterator[None]:
    """Watch what is done inside. parses: Python text may be parsed (not run). most: bytes. Raises Noticed."""
    global _listener
    _listener = _listener or _Listener()
    _listener.folder, _listener.parses, _listener.heard = str(folder), parses, (heard := [])
    before = signal.signal(signal.SIGALRM, _late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    start = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    try:
        yield
    except _TooSlow:
        raise Noticed(f"took more than {seconds:g} s") from None
    finally:
        _listener.heard = None
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        peak = tracemalloc.get_traced_memory()[1] - start
        if heard:
            raise Noticed("; ".join(heard[:3]))
        if peak > most:
            raise Noticed(f"took {peak >> 20} MiB, more than {most >> 20}")


def _late(number: int, frame: FrameType | None) -> NoReturn:
    raise _TooSlow


@contextmanager
def limited(more: int) -> Iterator[None]:
    """Let this process have at most so many bytes of addresses more than it has; tracemalloc is on."""
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
