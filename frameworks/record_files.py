"""Appends the rows of a recording to a file while a training runs."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from frameworks.record_rows import (
    GROWING,
    Columns,
    RecordError,
    Row,
    check_suffix,
    format_header,
    format_rows,
    iterate_rows,
)
from frameworks.whole_files import describe_error, replace_in_pieces

#: The files that this process is writing.
_OPEN: set[Path] = set()


class RatesFile:
    """A file to which rows are appended.

    path: its path, .csv or .jsonl.
    start: `t` of the first row to be appended; a file that exists is continued, and loses its rows from `start` on.

    Warns if the file lacks rows just before `start`, which a killed training had not written.
    Raises RecordError if the file exists and `start` is 0, if it is being written, or cannot be written.
    """

    def __init__(self, path: Path, start: int) -> None:
        self.path = check_suffix(path, GROWING)
        self._names: tuple[str, ...] = ()
        try:
            if path.exists() and not path.is_file():
                raise RecordError(f"{path}: not a regular file")
            if path.resolve() in _OPEN:
                raise RecordError(f"{path}: another recording writes to it")
            if path.exists() and not start:
                raise RecordError(f"{path}: exists; delete it, or continue it with start, the updates already made")
            if start:
                self._continue(start)
            self._open()
            _OPEN.add(path.resolve())
        except OSError as error:
            raise RecordError(f"{path}: {describe_error(error)}") from None

    @property
    def is_open(self) -> bool:
        """Return whether rows can still be appended."""
        return not self._file.closed

    def append(self, columns: Columns) -> None:
        """Append rows, all or none. Raises OSError, or ValueError if the file was closed."""
        names = tuple(dict.fromkeys((*self._names, *columns)))
        if names != self._names:  # seldom: the first rows, or an added parameter group
            self._file.close()
            self._rewrite(lambda row: True, names)
            self._open()
        content = memoryview(format_rows(self.path.suffix, names, columns).encode())
        while content:
            content = content[self._file.write(content):]
        self._size = self._file.tell()

    def abandon(self) -> None:
        """Close the file after an append that failed; it keeps all rows that were appended before."""
        with suppress(OSError, ValueError):
            self._file.truncate(self._size)
        self.close()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        _OPEN.discard(self.path.resolve())
        with suppress(OSError):
            self._file.close()

    def _open(self) -> None:
        self._file = self.path.open("ab", buffering=0)
        self._size = self._file.tell()

    def _continue(self, start: int) -> None:
        last, names = -1, dict[str, None]()
        for row in iterate_rows(self.path):
            if row["t"] < start:
                last = int(row["t"])
                names.update(dict.fromkeys(row))
        if last != start - 1:
            warnings.warn(f"{self.path}: has no rows of updates {last + 1} to {start - 1}", RuntimeWarning,
                          stacklevel=6)
        self._rewrite(lambda row: row["t"] < start, tuple(names))

    def _rewrite(self, keep: Callable[[Row], bool], names: tuple[str, ...]) -> None:
        """Write the rows that are to be kept again, in constant memory, and the header of a .csv file."""
        with replace_in_pieces(self.path) as file:
            file.write(format_header(self.path.suffix, names).encode())
            for row in iterate_rows(self.path):
                if keep(row):
                    columns: Columns = {name: (value,) for name, value in row.items()}
                    file.write(format_rows(self.path.suffix, names, columns).encode())
        self._names = names
