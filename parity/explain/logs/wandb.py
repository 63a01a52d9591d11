"""Reads a CSV file that the page of Weights & Biases exports from one panel.

The first column is the panel's x axis, the others are "run - metric", each followed by "run - metric__MIN" and
"run - metric__MAX". The axis `Step` counts calls of wandb.log, not updates, so the user has to state what the first
update has: --counts-from.

Source: the export of a line plot, https://docs.wandb.ai (Export data: CSV).
"""

from __future__ import annotations

from typing import TextIO

from parity.explain.logs.rates import LogOptions, collect_rates
from parity.explain.logs.tables import open_csv, select_columns
from parity.mistakes.search.subject import Subject, UnreadableError


def is_wandb(header: list[str]) -> bool:
    """Return whether a header has the columns of this writer."""
    return any(" - " in column and column.endswith(("__MIN", "__MAX")) for column in header)


def read_wandb(name: str, file: TextIO, options: LogOptions) -> Subject:
    """Read the export of a panel with one run. Raises UnreadableError."""
    header, rows = open_csv(file)
    columns = [column for column in header[1:] if not column.endswith(("__MIN", "__MAX"))]
    columns = [column for column in columns if not column.endswith(" - _step")]
    if len(columns) != 1:
        raise UnreadableError(f"must have the rates of one run, got {' and '.join(columns) or 'none'}: export one run, "
                              "or remove the other columns")
    if options.counts_from is None:
        raise UnreadableError(f"{header[0]} of Weights & Biases counts what the script logs: state its value at the "
                              f"first update: --counts-from 0 or 1, or --counts-from-{options.side}")
    return collect_rates(name, select_columns(rows, header.index(columns[0]), 0), rate=columns[0], count=header[0],
                         first=None, options=options, rounded=False)
