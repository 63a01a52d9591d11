"""Keeps the rates that an optimizer applied, one row for each update, in memory or in a file that grows as it runs.

The `record` of each back end returns a Rates. A row has the column `t`, the number of updates made before, and `lr`,
the applied rate of the first parameter group; further groups are `lr_1`, `lr_2` and so on. `measured` is the rate that
the weights show, `reported` the one that `Rates.report` got.
"""

from __future__ import annotations

import threading
import time
import warnings
from array import array
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy as np

from frameworks.record_files import RatesFile
from frameworks.record_rows import (
    RecordError,
    Values,
    arrange_columns,
    extend_columns,
    find_nan,
    join_columns,
    read_columns,
    save_columns,
    select_rates,
)
from frameworks.whole_files import describe_error

#: Rows are written when there are this many, or after this many seconds: a killed training loses no more.
ROWS, SECONDS = 256, 1.0


class Rates:
    """The rates that an optimizer applied, and the context manager that ends the recording.

    Rows are kept in memory, 8 bytes for each number, or written to a file while the training runs. If the file cannot
    be written, the training continues with one warning, and further rows are kept in memory.

    file: path of a file, .csv or .jsonl (default: None, memory).
    start: number of updates already made (default: 0); with more than 0 a file is continued, and its rows from update
        `start` on, which a killed training made after its checkpoint, are replaced.

    Raises RecordError if the file exists and `start` is 0, or if it cannot be opened.
    """

    def __init__(self, file: str | Path | None = None, start: int = 0) -> None:
        if isinstance(start, bool) or not isinstance(start, int) or start < 0:
            raise RecordError(f"start must be a whole number of updates, at least 0, got {start!r}")
        self.start = start
        #: The number of updates made: `t` of the next row.
        self.updates = start
        self._file = None if file is None else RatesFile(Path(file), start)
        self._columns: dict[str, array[float]] = {"t": array("d")}
        self._new: list[Values] = []
        self.first_nan: int | None = None  # the first update whose rate was not a number
        self._reported: dict[int, float] = {}
        self._flushed_at = time.monotonic()
        self._lock = threading.RLock()
        self._fetch: Callable[[], None] | None = None
        self._at_end: list[Callable[[], None]] = []

    def __enter__(self) -> Rates:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close(warn=kind is None)

    def __len__(self) -> int:
        self.fetch()
        return self.updates - self.start

    def report(self, rate: float) -> None:
        """Note the rate that a program prints or logs for the last update, in the column `reported`.

        rate: the reported rate. Raises RecordError if no update was made, or if its row was read or written already.
        """
        if not len(self):
            raise RecordError("no update was made whose rate could be reported")
        if not self._new:
            raise RecordError(f"the row of update {self.updates - 1} is complete: report its rate before rows are read")
        self._reported[self.updates - 1] = float(rate)

    def read_columns(self) -> dict[str, np.ndarray]:
        """Return all rows: float64 arrays of one length by column, with nan where a row has no value."""
        self.flush()
        before = {} if self._file is None else read_columns(self._file.path)
        return join_columns(before, {name: np.array(values) for name, values in self._columns.items()})

    def read_rates(self, group: int = 0) -> np.ndarray:
        """Return the applied rates: float64, shape (updates,).

        group: index of the parameter group (default: 0). Raises RecordError if there is no such group.
        """
        return select_rates(self.read_columns(), group)

    def save(self, path: str | Path) -> None:
        """Write all rows to a file, which is replaced whole.

        path: of a .csv, .jsonl or .npz file, not the one that grows. Raises RecordError.
        """
        if self._file is not None and Path(path).resolve() == self._file.path.resolve():
            raise RecordError(f"{path}: the recording writes to it")
        save_columns(Path(path), self.read_columns())

    def plot(self, path: str | Path | None = None) -> None:
        """Draw the rates over the updates with matplotlib.

        path: of an image (default: None, shown in a window or notebook). Raises RecordError.
        """
        from frameworks.record_plot import plot  # needs matplotlib

        plot(self.read_columns(), path)

    def close(self, *, warn: bool = True) -> None:
        """End the recording and complete the file; a second call does nothing.

        warn: whether to warn if no update was recorded (default: yes).
        """
        if not self._at_end:
            return
        with ExitStack() as ending:  # all of it, also after an error
            ending.callback(self._complete)
            for action in self._at_end:
                ending.callback(action)
            self._at_end = []
            self.fetch()
        if warn and self.updates == self.start:
            warnings.warn("no update was recorded: does the training update another optimizer than the recorded one?",
                          RuntimeWarning, stacklevel=3)

    def flush(self) -> None:
        """Write all rows to the file now: before a checkpoint, from which a killed training may be continued."""
        self.fetch()
        self._flush()

    def _complete(self) -> None:
        self._flush()
        if self._file is not None:
            self._file.close()

    def add(self, rates: Sequence[float | None], measured: Sequence[float | None] = ()) -> None:
        """Add the row of one update; for back ends.

        rates: the applied rate of each parameter group, None where it was not updated or is not known.
        measured: the rates that the weights show (default: none).
        """
        with self._lock:
            self._new.append((rates, measured))
            self.updates += 1
        if len(self._new) > ROWS or time.monotonic() - self._flushed_at > SECONDS:
            self._flush(keep=1)

    def fetch(self) -> None:
        """Fetch the rows that the framework still holds."""
        if self._fetch is not None:
            with self._lock:
                self._fetch()
                if len(self._new) > 1 and time.monotonic() - self._flushed_at > SECONDS:
                    self._flush(keep=1)

    def attach(self, at_end: Callable[[], None], fetch: Callable[[], None] | None = None) -> None:
        """Set what a back end does at the end of the recording, and how rows are fetched that it holds; for back ends.

        at_end: detaches the recording from the optimizer. fetch: adds the rows held (default: None, it holds none).
        """
        self._at_end.append(at_end)
        self._fetch = fetch or self._fetch

    def _flush(self, keep: int = 0) -> None:
        """Write or keep the new rows, but the last `keep`, whose reported rate may still come."""
        with self._lock:
            self._flushed_at, first = time.monotonic(), self.updates - len(self._new)
            ready = self._new[:len(self._new) - keep]
            if not ready:
                return
            del self._new[:len(ready)]
            reported = {t: self._reported.pop(t) for t in list(self._reported) if t < first + len(ready)}
            columns, failed = arrange_columns(first, ready, reported), ""
            if self.first_nan is None and (row := find_nan(columns)) is not None:
                self.first_nan = first + row
            if self._file is not None and self._file.is_open:
                try:
                    self._file.append(columns)
                    return
                except (OSError, ValueError) as error:
                    self._file.abandon()
                    failed = f"{self._file.path}: {describe_error(error)}"
            extend_columns(self._columns, columns)
            if failed:
                warnings.warn(f"{failed}: further rows, from update {first} on, are kept in memory: save them to "
                              "another file", RuntimeWarning, stacklevel=4)
