"""Reads the file that Keras' CSVLogger writes: one row for each epoch.

The callbacks LearningRateScheduler and ReduceLROnPlateau add the column learning_rate (`lr` in Keras 2). Both change
the rate between epochs only, so it is the rate of each update of its epoch. Epochs count from 0.

Source: keras 3.15.1, callbacks/csv_logger.py, learning_rate_scheduler.py and reduce_lr_on_plateau.py.
"""

from __future__ import annotations

from typing import TextIO

from parity.explain.logs.rates import LogOptions, collect_rates
from parity.explain.logs.tables import COUNTS, RATES, find_column, open_csv, select_columns
from parity.mistakes.search.subject import Subject, UnreadableError


def is_keras(header: list[str]) -> bool:
    """Return whether a header counts epochs, and no updates."""
    columns = [column.strip().lower() for column in header]
    return "epoch" in columns and not set(columns) & set(COUNTS) and bool(set(columns) & set(RATES))


def read_keras(name: str, file: TextIO, options: LogOptions) -> Subject:
    """Read a row for each epoch. Raises UnreadableError without the number of updates of an epoch."""
    header, rows = open_csv(file)
    header = [column.strip().lower() for column in header]
    rate = find_column(header, RATES)
    if rate is None or "epoch" not in header:
        raise UnreadableError(f"must have the columns epoch and one of {', '.join(RATES)}, got {', '.join(header)}")
    if options.updates_per_epoch is None:
        raise UnreadableError("the column epoch counts epochs: state the updates of one: --updates-per-epoch N")
    return collect_rates(name, select_columns(rows, header.index(rate), header.index("epoch")), rate=rate,
                         count="epoch", first=0, options=options, held=options.updates_per_epoch, rounded=False)
