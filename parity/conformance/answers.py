"""Reads the answers of implementations from outside this project: JSON, numbers, rates."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np

from parity.conformance.process import AnswerError, shorten_value


def read_object(line: str) -> dict[str, Any]:
    """Return the JSON object of a line. Raises AnswerError."""
    try:
        answer = json.loads(line, parse_int=_read_integer)
    except (ValueError, RecursionError):
        raise AnswerError("not JSON", shorten_value(line)) from None
    if not isinstance(answer, dict):
        raise AnswerError("not an answer", shorten_value(line))
    return answer


def _read_integer(digits: str) -> int | float:
    """Read a whole number; one with more digits than Python reads becomes infinite."""
    return int(digits) if len(digits) < 1000 else math.copysign(math.inf, -1 if digits[0] == "-" else 1)


def read_rates(rows: list[list[Any]], updates: int) -> np.ndarray:
    """Round the rates of each update to the nearest float32, -0.0 to 0.0.

    rows: a list for each update, with the rate of each parameter. updates: the expected number of rows.
    Raises AnswerError if the number is wrong, or if an element is not a rate.
    """
    if len(rows) != updates:
        raise AnswerError("wrong number", f"{len(rows)} rates for {updates} updates")
    return np.array([[_read_rate(number, update) for number in row] for update, row in enumerate(rows)], np.float32)


def _read_rate(number: Any, update: int) -> float:
    if not isinstance(number, int | float) or isinstance(number, bool):
        raise AnswerError("not a number", f"{shorten_value(number)} at update {update}")
    with np.errstate(over="ignore"):
        try:
            nearest = float(np.float32(number))
        except OverflowError:
            nearest = math.inf
    if not math.isfinite(nearest) or number < 0:
        raise AnswerError("not a rate", f"{shorten_value(number)} at update {update}")
    return nearest + 0.0


def read_bits(digits: Any, update: int) -> float:
    """Read eight hexadecimal digits as a float32. Raises AnswerError, which names the update."""
    if not isinstance(digits, str) or not re.fullmatch("[0-9a-fA-F]{8}", digits):
        raise AnswerError("not bits", f"{shorten_value(digits)} at update {update}")
    return float(np.uint32(int(digits, 16)).view(np.float32))
