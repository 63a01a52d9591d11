"""Reads logged rates: CSV with a header, or JSON lines (objects with the same keys, or bare numbers).

The rate is in the column lr, learning_rate or rate. The update is in the column t, counted from 0, or num_update,
Gluon's, counted from 1. The columns update, step, iter, iteration and global_step count from 0 or 1, as the first row.
Without such a column the rows are updates 0, 1, 2 and so on. Updates without a row are not known, and not compared.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import chain
from typing import Any, TextIO

from parity.conformance.process import shorten_value
from parity.explain.logs.rates import LogOptions, Row, collect_rates, iterate_lines
from parity.mistakes.search.subject import Subject, UnreadableError

RATES = ("lr", "learning_rate", "rate")
FIXED = {"t": 0, "num_update": 1}
COUNTS = (*FIXED, "update", "step", "iter", "iteration", "global_step")


def read_csv(name: str, file: TextIO, options: LogOptions) -> Subject:
    """Read CSV with a header. Raises UnreadableError."""
    header, rows = open_csv(file)
    return read_rows(name, [column.strip().lower() for column in header], rows, options)


def open_csv(file: TextIO) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the header, and each row with the number of its line. Raises UnreadableError."""
    reader = csv.reader(line for _, line in iterate_lines(file))
    try:
        header = next(filter(None, reader), [])  # lines before it may be empty
    except csv.Error as error:
        raise UnreadableError(f"line {reader.line_num}: {error}") from None
    return header, _iterate_csv(reader)


def _iterate_csv(reader: Any) -> Iterator[tuple[int, list[str]]]:
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise UnreadableError(f"line {reader.line_num}: {error}") from None


def read_json_lines(name: str, file: TextIO, options: LogOptions) -> Subject:
    """Read one JSON object, or one number, from each line. Raises UnreadableError."""
    rows = iterate_json(file)
    first = next(rows, None)
    header = list(first[1]) if first else []
    lists = ((line, [row.get(column) for column in header]) for line, row in chain([first] if first else [], rows))
    return read_rows(name, header, lists, options)


def iterate_json(file: TextIO) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the object of each line that is not empty, with the number of the line. Raises UnreadableError."""
    for number, line in iterate_lines(file):
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                raise UnreadableError(f"line {number}: not JSON: {shorten_value(line.rstrip())}") from None
            yield number, row if isinstance(row, dict) else {"lr": row}


def read_rows(name: str, header: list[str], rows: Iterator[tuple[int, list[Any]]], options: LogOptions) -> Subject:
    """Read rows with a header of known columns. Raises UnreadableError.

    name: of the log.
    header: the names of the columns, in lower case.
    rows: lines and their values, in the order of the header.
    options: what the user states.
    """
    rate, count = find_column(header, RATES), find_column(header, COUNTS)
    if rate is None:
        raise UnreadableError(f"no column of rates: must be one of {', '.join(RATES)}, "
                              f"got {shorten_value(', '.join(header))}")
    if count is None:
        rows = _check_first(header, rate, rows)
    return collect_rates(name, select_columns(rows, header.index(rate), None if count is None else header.index(count)),
                         rate=rate, count=count, first=FIXED.get(count or ""), options=options)


def select_columns(rows: Iterator[tuple[int, list[Any]]], rate: int, count: int | None) -> Iterator[Row]:
    """Yield the line, the count and the rate of each row. Rows that are too short have no rate."""
    for line, row in rows:
        if len(row) > rate:
            yield line, None if count is None else row[count] if len(row) > count else None, row[rate]


def find_column(header: list[str], names: tuple[str, ...]) -> str | None:
    """Return the only column with one of some names, or None. Raises UnreadableError if there are two."""
    columns = [column for column in header if column in names]
    if len(columns) > 1:
        raise UnreadableError(f"must have one of the columns {', '.join(names)}, got {' and '.join(columns)}")
    return columns[0] if columns else None


def _check_first(header: list[str], rate: str, rows: Iterator[tuple[int, list[Any]]],
                 ) -> Iterator[tuple[int, list[Any]]]:
    """Raise UnreadableError if the first row has a whole number in another column: it might count something else."""
    first = next(rows, None)
    if first is None:
        return rows
    for column, value in zip(header, first[1]):
        if column != rate and str(value).strip().isdigit():
            raise UnreadableError(f"the column {shorten_value(column)} is not understood: the columns that count "
                                  f"updates are {', '.join(COUNTS)}; rename it, or remove it if rows are updates 0, 1, "
                                  "2 and so on")
    return chain([first], rows)
