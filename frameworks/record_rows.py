"""Reads and writes the rows of a recording: a row has the values of one update by column."""

from __future__ import annotations

import io
import json
import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from frameworks.whole_files import describe_error, replace_whole

#: The values of one update by column; `t` is a whole number.
Row = dict[str, float]
#: The formats that grow, and those in which rows are saved.
GROWING = (".csv", ".jsonl")
SAVED = (*GROWING, ".npz")


class RecordError(ValueError):
    """Raised if a training cannot be recorded, or its rows not read or saved; its message is one sentence."""


def iterate_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a .csv or .jsonl recording, in constant memory.

    A last line without its end is left out: its writer was killed. Raises RecordError, OSError.
    """
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        header = file.readline().rstrip("\r\n").split(",") if path.suffix == ".csv" else None
        for number, line in enumerate(file, 1 if header is None else 2):
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
        add_row(columns, row)
    return {name: np.array(values) for name, values in columns.items()}


def add_row(columns: dict[str, array[float]], row: Row) -> None:
    """Add a row to columns, with nan for what it has not; a new column gets nan for the rows before."""
    kept = len(columns["t"])
    for name in row:
        columns.setdefault(name, array("d", [math.nan]) * kept)
    for name, values in columns.items():
        values.append(row.get(name, math.nan))


def save_columns(path: Path, columns: Mapping[str, np.ndarray]) -> None:
    """Write rows to a file, which is replaced whole or left as it was.

    path: .csv, .jsonl or .npz. columns: arrays of one length, with `t`. Raises RecordError.
    """
    suffix, content = check_suffix(path, SAVED).suffix, io.BytesIO()
    if suffix == ".npz":
        np.savez_compressed(content, **columns)
    else:
        names = tuple(columns)
        lines = (format_row(suffix, names, {name: int(value) if name == "t" else value
                                             for name, value in zip(names, values)})
                 for values in zip(*(column.tolist() for column in columns.values())))
        content.write("".join((format_header(suffix, names), *lines)).encode())
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


def format_row(suffix: str, columns: tuple[str, ...], row: Row) -> str:
    """Return the line of a row in a .csv or .jsonl file."""
    if suffix == ".csv":
        return ",".join(repr(row[name]) if name in row else "" for name in columns) + "\n"
    return json.dumps({name: None if math.isnan(value) else value for name, value in row.items()}) + "\n"


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


def name_values(t: int, rates: Sequence[float | None], measured: Sequence[float | None],
                reported: float | None) -> Row:
    """Return the row of an update: rates of its groups, applied and measured, and a reported one."""
    row: Row = {"t": t}
    for kind, values in (("lr", rates), ("measured", measured)):
        row.update((name_column(kind, group), rate) for group, rate in enumerate(values) if rate is not None)
    return row if reported is None else {**row, "reported": reported}


def join_columns(before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the columns of rows and of later ones; nan where a row has no value."""
    lengths = [len(part.get("t", ())) for part in (before, after)]
    return {name: np.concatenate([part.get(name, np.full(n, np.nan)) for part, n in zip((before, after), lengths)])
            for name in dict.fromkeys((*before, *after))}
