"""Exchanges lines with another process, which may be late, die, never end a line or never read one."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import threading
import time
from typing import IO, Any

from frameworks import children
from frameworks.whole_files import describe_error

#: Bytes; a longer line is refused: a rate takes about 20 bytes.
MAX_LINE = 64 << 20
#: Bytes of stderr that are kept, its last ones.
MAX_WORDS = 2048
#: Bytes that are read at once.
CHUNK = 1 << 16


class AnswerError(Exception):
    """One answer failed.

    kind: the kind of failure, as in parity/PROTOCOL.md. what: what happened.
    """

    def __init__(self, kind: str, what: str) -> None:
        super().__init__(f"{kind}: {what}")
        self.kind = kind


class StartError(Exception):
    """The command of a plug-in cannot be started."""


class Process:
    """A process in a separate process group, with a line read for every line written. Raises StartError."""

    def __init__(self, command: list[str]) -> None:
        try:
            process = children.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                     bufsize=0)
        except (OSError, ValueError) as error:
            raise StartError(f"cannot start {clean_text(command[0])}: {describe_error(error).lower()}") from None
        assert process.stdin is not None  # a pipe, as above
        assert process.stdout is not None
        assert process.stderr is not None
        self._process, self._stdin, self._stdout = process, process.stdin, process.stdout
        os.set_blocking(self._stdin.fileno(), False)
        self._unread = bytearray()
        self._words = bytearray()
        self._listener = threading.Thread(target=_keep_last, args=(process.stderr, self._words), daemon=True)
        self._listener.start()

    def read_unasked(self, seconds: float) -> bytes:
        """Return output that arrives within some seconds although nothing was sent, b"" if there is nothing."""
        if not self._unread and select.select([self._stdout], [], [], seconds)[0]:
            self._unread += os.read(self._stdout.fileno(), CHUNK)
        return bytes(self._unread)

    def exchange(self, unsent: bytes, timeout: float) -> bytes:
        """Write one line and return the next line read, without its end. Raises AnswerError."""
        end, deaf = time.monotonic() + timeout, False
        while unsent or b"\n" not in self._unread[-CHUNK:]:
            left = end - time.monotonic()
            if left <= 0:
                raise AnswerError("late", f"no answer within {timeout:g} s" + (", its stdin is closed" if deaf else ""))
            writing = [self._stdin] if unsent else []
            readable, writable, _ = select.select([self._stdout], writing, [], min(left, 0.2))
            if writable:
                try:
                    unsent = unsent[os.write(self._stdin.fileno(), unsent):]
                except BrokenPipeError:
                    unsent, deaf = b"", True  # it reads no more, but may have written an answer
            if readable:
                self._read()
            elif not writable and self._process.poll() is not None:  # another process holds its stdout open
                raise self._describe_death()
        line, _, self._unread = self._unread.partition(b"\n")
        return bytes(line)

    def stop(self, patience: float) -> None:
        """Close stdin and wait, terminate and wait, then kill its process group."""
        process = self._process
        self._stdin.close()
        try:
            for ending in (lambda: None, process.terminate) if patience else ():
                ending()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(patience)
        finally:
            children.end(process)
            process.wait()
        self._stdout.close()
        self._listener.join(1)  # longer only if a process has left the group

    def _read(self) -> None:
        read = os.read(self._stdout.fileno(), CHUNK)
        if not read:
            raise self._describe_death()
        self._unread += read
        if len(self._unread) > MAX_LINE:
            raise AnswerError("endless line", f"{MAX_LINE >> 20} MiB without an end")

    def _describe_death(self) -> AnswerError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        code = self._process.returncode
        self.stop(0)
        how = "it closed its stdout" if code is None else f"exit code {code}" if code >= 0 else f"signal {-code}"
        lines = [clean_text(line) for line in self._words.decode(errors="replace").splitlines() if line.strip()]
        return AnswerError("died", f"{how}, last words: {lines[-1]}" if lines else f"{how}, no last words")


def _keep_last(stderr: IO[bytes], words: bytearray) -> None:
    """Read stderr to its end, so that the process never waits for it, and keep its last bytes."""
    with stderr:
        while read := os.read(stderr.fileno(), CHUNK):
            words += read
            del words[:-MAX_WORDS]


def clean_text(text: str, most: int = 200) -> str:
    """Return a text as part of a line: without line ends and control characters, cut after `most` characters."""
    text = " ".join(text.split())
    text = text if text.isprintable() else ascii(text)[1:-1]
    return text if len(text) <= most else f"{text[:most]}..."


def shorten_value(value: Any) -> str:
    """Return a value as Python writes it, cut after 40 characters.

    >>> shorten_value("hello"), shorten_value(3), shorten_value("x" * 100)
    ("'hello'", '3', "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'")
    """
    if isinstance(value, str):
        return repr(f"{value[:40]}..." if len(value) > 40 else value)
    try:
        return clean_text(repr(value), 40)
    except ValueError:  # an integer of more digits than Python prints
        return "a number of thousands of digits"
