"""Reads logged rates: CSV with a header, or JSON lines (objects with the same keys, or bare numbers).

The rate is in the column lr, learning_rate or rate. The update is in the column t (counted from 0), num_update
(Gluon's, counted from 1), update or step (counted from 0, or from 1 if the first row has 1). Without such a column the
rows are updates 0, 1, 2 and so on. Updates without a row are not known, and not compared.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from frameworks.schedule.fields import MAX_RATE
from parity.conformance.process import shorten_value
from parity.mistakes.search.subject import MAX_UPDATES, Subject, UnreadableError

RATES = ("lr", "learning_rate", "rate")
COUNTS = ("t", "num_update", "update", "step")

#: The number of a line in its file, and its values by column.
Row = tuple[int, dict[str, Any]]


def read_csv(name: str, text: str) -> Subject:
    """Read CSV. Raises UnreadableError."""
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [column.strip().lower() for column in next(reader, [])]
        rows = [(reader.line_num, dict(zip(header, row))) for row in reader if row]
    except csv.Error as error:
        raise UnreadableError(f"line {reader.line_num}: {error}") from None
    return _read_rows(name, iter(rows), header)


def read_json_lines(name: str, text: str) -> Subject:
    """Read one JSON object, or one number, from each line. Raises UnreadableError."""
    rows = [_parse_row(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    return _read_rows(name, iter(rows), list(rows[0][1]) if rows else [])


def _parse_row(number: int, line: str) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise UnreadableError(f"line {number}: not JSON: {shorten_value(line)}") from None
    return number, row if isinstance(row, dict) else {"lr": row}


def _read_rows(name: str, rows: Iterator[Row], header: list[str]) -> Subject:
    rate = _find_column(header, RATES)
    if rate is None:
        raise UnreadableError(f"no column of rates: must be one of {', '.join(RATES)}, "
                              f"got {shorten_value(', '.join(header))}")
    count, first, rates, t = _find_column(header, COUNTS), None, [], -1
    for line, row in rows:
        if count is not None:
            counted = _count(line, count, row.get(count))
            if first is None:
                first = int(count == "num_update" or (count in ("update", "step") and counted == 1))
            if counted - first <= t:
                raise UnreadableError(f"line {line}: {count} must be at least {t + 1 + first}, got {counted}")
            rates += [math.nan] * (min(counted - first, MAX_UPDATES) - t - 1)
        t = len(rates)
        if t >= MAX_UPDATES:
            raise UnreadableError(f"line {line}: at most {MAX_UPDATES} updates are compared")
        rates.append(read_rate(line, rate, row.get(rate)))
    if not rates:
        raise UnreadableError("no rates")
    return Subject(name, logged=np.array(rates, np.float32))


def _find_column(header: list[str], names: tuple[str, ...]) -> str | None:
    columns = [column for column in header if column in names]
    if len(columns) > 1:
        raise UnreadableError(f"must have one of the columns {', '.join(names)}, got {' and '.join(columns)}")
    return columns[0] if columns else None


def _count(line: int, column: str, value: Any) -> int:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) <= 18:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UnreadableError(f"line {line}: {column} must be a whole number, got {shorten_value(value)}")
    return value


def read_rate(line: int, column: str, value: Any) -> float:
    """Return a rate: a number from 0 to the largest rate of a specification. Raises UnreadableError."""
    try:
        number = math.nan if isinstance(value, bool) or "_" in str(value) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not 0 <= number <= MAX_RATE:
        raise UnreadableError(f"line {line}: {column} must be a number from 0 to {MAX_RATE:g}, "
                              f"got {shorten_value(value)}")
    return number + 0.0  # without the sign of a zero
