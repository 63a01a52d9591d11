"""Collects the rates of a log row by row, in bounded memory, and checks their order, values and digits."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TextIO

import numpy as np

from frameworks.schedule.fields import MAX_RATE
from parity.conformance.process import shorten_value
from parity.mistakes.search.subject import MAX_UPDATES, Subject, UnreadableError

#: The line of a row, its count (None: rows are counted from 0), and its rate as written.
Row = tuple[int, Any, Any]
#: The longest line of a log, in characters, and the number of first rows whose digits are counted.
MAX_LINE, MAX_COUNTED = 1 << 20, 10_000
#: A table is treated as rounded if it has this number of different rates, and none has more than these digits.
MIN_DIFFERENT, MAX_DIGITS = 8, 6


@dataclass(frozen=True)
class LogOptions:
    """Options of a log that the user states; None: not given.

    side: "a" or "b", for messages.
    counts_from: the count of the first update: 0 or 1.
    updates_per_epoch: for logs that count epochs.
    digits: the number of significant digits of the rates.
    base_lr: the rate before the first line of a log of changes.
    """

    side: str = "a"
    counts_from: int | None = None
    updates_per_epoch: int | None = None
    digits: int | None = None
    base_lr: float | None = None


def iterate_lines(file: TextIO) -> Iterator[tuple[int, str]]:
    """Yield the number and the text of each line. Raises UnreadableError for a line longer than MAX_LINE."""
    number = 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise UnreadableError(f"line {number}: longer than {MAX_LINE} characters")
        yield number, line


def read_rate(line: int, column: str, value: Any) -> float:
    """Return a rate: a number from 0 to the largest rate of a specification. Raises UnreadableError."""
    try:
        number = float("nan") if isinstance(value, bool) or "_" in str(value) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = float("nan")
    if not 0 <= number <= MAX_RATE:
        raise UnreadableError(f"line {line}: {column} must be a number from 0 to {MAX_RATE:g}, "
                              f"got {shorten_value(value)}")
    return number + 0.0  # without the sign of a zero


def read_count(line: int, column: str, value: Any) -> int:
    """Return a count: a whole number, 0 or more, also written as 5.0. Raises UnreadableError."""
    text = str(value).strip().removesuffix(".0")
    if isinstance(value, bool) or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise UnreadableError(f"line {line}: {column} must be a whole number, got {shorten_value(value)}")
    return int(text)


def collect_rates(name: str, rows: Iterable[Row], *, rate: str, count: str | None, first: int | None,
                  options: LogOptions, held: int = 1, rounded: bool = True) -> Subject:
    """Return the rates of a log; rows without a rate are left out.

    name: of the log.
    rows: its rows, in their order.
    rate, count: the names of the columns, for messages; count None: the rows are counted from 0.
    first: the count of update 0; None: 1 if the first row has 1, 0 if it has 0.
    options: what the user states.
    held: the number of updates of a row, which all have its rate (default: 1).
    rounded: whether a number of digits is recognised (default: True).
    """
    updates, rates, texts, last, total = array("q"), array("f"), [], -1, 0
    first = first if options.counts_from is None else options.counts_from
    for line, counted, value in rows:
        if value is None or value == "":
            continue
        number = read_rate(line, rate, value)
        if count is None:
            t = last + 1
        else:
            counted = read_count(line, count, counted)
            first = _find_first(line, count, counted, options.side) if first is None else first
            t = counted - first
            if t <= last:
                raise UnreadableError(f"line {line}: {count} must be at least {last + 1 + first}, got {counted}"
                                      + ": are there two trainings or two optimizers in this log?" * (last >= 0))
        last, total = t, total + 1
        if len(texts) < MAX_COUNTED:
            texts.append(str(value).strip())
        if t * held < MAX_UPDATES:
            updates.append(t)
            rates.append(number)
    if not total:
        raise UnreadableError("no rates")
    if not len(updates):
        raise UnreadableError(f"no rate of the first {MAX_UPDATES} updates, as many as are compared")
    digits, unit = _count_digits(texts if rounded else [], options.digits)
    notes = _describe_digits(digits, unit)
    if total > len(updates):
        notes.append(f"the log has {total} rates, and those of the first {MAX_UPDATES} updates are compared")
    return Subject(name, logged=_place_rates(updates, rates, held), digits=digits, unit=unit, notes=tuple(notes))


def _find_first(line: int, count: str, counted: int, side: str) -> int:
    """Return the count of update 0. Raises UnreadableError if the first row does not show it."""
    if counted > 1:
        raise UnreadableError(f"line {line}: {count} begins at {counted}: state the {count} of the first update: "
                              f"--counts-from 0 or 1, or --counts-from-{side}")
    return counted


def _place_rates(updates: array[int], rates: array[float], held: int) -> np.ndarray:
    """Return a float32 rate for each update, nan where the log has none."""
    t = np.frombuffer(updates, np.int64) * held
    placed = np.full(min(int(t[-1]) + held, MAX_UPDATES), np.nan, np.float32)
    for offset in range(held):
        inside = t + offset < len(placed)
        placed[t[inside] + offset] = np.frombuffer(rates, np.float32)[inside]
    return placed


def count_digits(text: str) -> int:
    """Return the number of significant digits of a number as written; leading zeros do not count."""
    digits = re.sub("[eE].*|[^0-9]", "", text)
    return len(digits.lstrip("0") or digits)


def _count_digits(texts: list[str], stated: int | None) -> tuple[int, float]:
    """Return the number of significant digits, 0 if exact, and the unit of fixed-point numbers, else 0."""
    if stated is not None:
        return stated, 0.0
    decimals = {len(text.partition(".")[2]) for text in texts}
    fixed = len(decimals) == 1 and all("." in text and "e" not in text.lower() for text in texts)
    if fixed and len(texts) > 1 and any(text.endswith("0") for text in texts) and min(decimals) > 2:
        return 0, 10.0 ** -min(decimals)
    most = max(map(count_digits, texts), default=0)
    return (most, 0.0) if len(set(texts)) >= MIN_DIFFERENT and most <= MAX_DIGITS else (0, 0.0)


def _describe_digits(digits: int, unit: float) -> list[str]:
    if unit:
        return [f"the log prints multiples of {unit:g}, and no smaller differences are compared"]
    return [f"the log prints {digits} digits, and no more are compared"] if digits else []
