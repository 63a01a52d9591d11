"""Reads and writes the rows of a recording: a row has the values of one update by column."""

from __future__ import annotations

import io
import json
import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import repeat, zip_longest
from pathlib import Path

import numpy as np

from frameworks.whole_files import describe_error, replace_whole

#: The values of one update by column; `t` is a whole number.
Row = dict[str, float]
#: The values of several updates by column, `t` first; None where an update has none.
Columns = dict[str, Sequence[float | None]]
#: The rates of one update's groups, applied and measured.
Values = tuple[Sequence[float | None], Sequence[float | None]]
#: The formats that grow, and those in which rows are saved.
GROWING = (".csv", ".jsonl")
SAVED = (*GROWING, ".npz")
#: The longest line of a recording that is read, in characters.
MAX_LINE = 1 << 20


class RecordError(ValueError):
    """Raised if a training cannot be recorded, or its rows not read or saved; its message is one sentence."""


def iterate_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a .csv or .jsonl recording, in constant memory.

    A last line without its end is left out: its writer was killed. Raises RecordError, OSError.
    """
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        lines = iter(partial(file.readline, MAX_LINE + 1), "")
        header = next(lines, "").rstrip("\r\n").split(",") if path.suffix == ".csv" else None
        for number, line in enumerate(lines, 1 if header is None else 2):
            if len(line) > MAX_LINE:
                raise RecordError(f"{path}: line {number}: longer than {MAX_LINE} characters")
            if not line.endswith("\n"):
                return
            try:
                row = _parse_row(header, line)
                row["t"] = int(row["t"])
            except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
                raise RecordError(f"{path}: line {number}: not a row of a recording") from None
            yield row


def read_columns(path: Path) -> dict[str, np.ndarray]:
    """Return the rows of a .csv or .jsonl recording as float64 arrays by column. Raises RecordError, OSError."""
    columns: dict[str, array[float]] = {"t": array("d")}
    for row in iterate_rows(path):
        extend_columns(columns, {name: (value,) for name, value in row.items()})
    return {name: np.array(values) for name, values in columns.items()}


def extend_columns(columns: dict[str, array[float]], new: Columns) -> None:
    """Add rows to columns, with nan for what they have not; a new column gets nan for the rows before."""
    kept, added = len(columns["t"]), len(new["t"])
    for name in new:
        columns.setdefault(name, array("d", [math.nan]) * kept)
    for name, values in columns.items():
        values.extend(math.nan if value is None else value for value in new.get(name, [None] * added))


def save_columns(path: Path, columns: Mapping[str, np.ndarray]) -> None:
    """Write rows to a file, which is replaced whole or left as it was.

    path: .csv, .jsonl or .npz. columns: arrays of one length, with `t`. Raises RecordError.
    """
    suffix, content = check_suffix(path, SAVED).suffix, io.BytesIO()
    if suffix == ".npz":
        np.savez_compressed(content, **columns)
    else:
        names = tuple(columns)
        values = {name: (column.astype(np.int64) if name == "t" else column).tolist()
                  for name, column in columns.items()}
        content.write((format_header(suffix, names) + format_rows(suffix, names, values)).encode())
    try:
        replace_whole({path: content.getvalue()})
    except OSError as error:
        raise RecordError(f"{path}: {describe_error(error)}") from None


def check_suffix(path: Path, suffixes: tuple[str, ...]) -> Path:
    """Return a path whose name ends in one of these. Raises RecordError."""
    if path.suffix not in suffixes:
        raise RecordError(f"{path}: the name must end in {', '.join(suffixes[:-1])} or {suffixes[-1]}")
    return path


def _parse_row(header: list[str] | None, line: str) -> Row:
    values = json.loads(line) if header is None else dict(zip(header, line.rstrip("\r\n").split(","), strict=True))
    return {name: math.nan if value is None else float(value) for name, value in values.items() if value != ""}


def format_header(suffix: str, columns: tuple[str, ...]) -> str:
    """Return the first line of a .csv file, else nothing."""
    return ",".join(columns) + "\n" if columns and suffix == ".csv" else ""


def format_rows(suffix: str, names: tuple[str, ...], columns: Columns) -> str:
    """Return the lines of rows in a .csv or .jsonl file. names: of all columns of the file."""
    if suffix == ".csv":
        cells = [["" if value is None else repr(value) for value in columns[name]] if name in columns else repeat("")
                 for name in names]
        return "".join([",".join(row) + "\n" for row in zip(*cells)])
    rows = ({name: None if value != value else value for name, value in zip(columns, row) if value is not None}
            for row in zip(*columns.values()))
    return "".join([json.dumps(row) + "\n" for row in rows])


def name_column(kind: str, group: int) -> str:
    """Return the name of a group's column: `lr` for the first group, then `lr_1`."""
    return f"{kind}_{group}" if group else kind


def select_rates(columns: Mapping[str, np.ndarray], group: int) -> np.ndarray:
    """Return the column of a group's applied rates. Raises RecordError if there is no such group."""
    name = name_column("lr", group)
    if name not in columns and group:
        groups = sum(column == "lr" or column.startswith("lr_") for column in columns)
        raise RecordError(f"group must be below {groups}, the number of recorded groups, got {group!r}")
    return columns.get(name, np.full(len(columns["t"]), np.nan))  # of an optimizer without a rate


def arrange_columns(first: int, rows: Sequence[Values], reported: Mapping[int, float]) -> Columns:
    """Return the columns of updates from `first` on; None where a row has no value.

    rows: the rates of an update's groups, applied and measured. reported: rates by update.
    """
    times = range(first, first + len(rows))
    columns: Columns = {"t": times}
    for kind, values in zip(("lr", "measured"), zip(*rows)):
        columns.update((name_column(kind, group), [None if value is None else float(value) for value in column])
                       for group, column in enumerate(zip_longest(*values)))
    if reported:
        columns["reported"] = [reported.get(t) for t in times]
    return columns


def find_nan(columns: Columns) -> int | None:
    """Return the index of the first row with an applied rate that is not a number; None without one."""
    return min((index for name, rates in columns.items() if name.startswith("lr")
                for index, rate in enumerate(rates) if rate != rate), default=None)


def join_columns(before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the columns of rows and of later ones; nan where a row has no value."""
    lengths = [len(part.get("t", ())) for part in (before, after)]
    return {name: np.concatenate([part.get(name, np.full(n, np.nan)) for part, n in zip((before, after), lengths)])
            for name in dict.fromkeys((*before, *after))}
