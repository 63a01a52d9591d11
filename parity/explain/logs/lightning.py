"""Reads metrics.csv, which Lightning's CSVLogger writes with LearningRateMonitor.

The rates are in columns such as lr-SGD, written before the update; `step` is the number of updates already made, so it
counts from 0. Rows of other metrics have an empty cell there.

Source: lightning 2.6.6, callbacks/lr_monitor.py (on_train_batch_start) and loggers/csv_logs.py.
"""

from __future__ import annotations

from typing import TextIO

from parity.explain.logs.rates import LogOptions, collect_rates
from parity.explain.logs.tables import open_csv, select_columns
from parity.mistakes.search.subject import Subject, UnreadableError


def is_lightning(header: list[str]) -> bool:
    """Return whether a header has the columns of this writer."""
    return "step" in header and any(column.startswith("lr-") for column in header)


def read_lightning(name: str, file: TextIO, options: LogOptions) -> Subject:
    """Read metrics.csv. Raises UnreadableError if it has the rates of several optimizers or groups."""
    header, rows = open_csv(file)
    columns = [column for column in header if column.startswith("lr-") and not column.endswith("-momentum")]
    if len(columns) != 1 or "step" not in header:
        raise UnreadableError(f"must have the column step and one column lr-..., got {', '.join(columns) or 'none'}"
                              + ": two optimizers or groups; keep the column of one" * (len(columns) > 1))
    return collect_rates(name, select_columns(rows, header.index(columns[0]), header.index("step")), rate=columns[0],
                         count="step", first=0, options=options, rounded=False)
