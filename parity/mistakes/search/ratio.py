"""Computes the constant factor that makes some rates from others, within the rounding of both."""

from __future__ import annotations

import numpy as np

from parity.mistakes.clocks import ROUNDED_BASE
from parity.mistakes.search.pair import compute_rounding_error


def find_ratio(a: np.ndarray, b: np.ndarray, digits: int, unit: float = 0.0) -> tuple[float, float] | None:
    """Return the lowest and the highest factor that make each rate of `b` from that of `a`; None without one.

    a, b: known rates of the same updates.
    digits: the number of digits to which they are rounded; 0 if they are exact.
    unit: the unit of fixed-point rates; 0 if they are exact (default: 0).
    """
    a, b = a.astype(np.float64), b.astype(np.float64)
    if len(a) < 2 or ((a == 0) != (b == 0)).any() or not a.any():
        return None
    a, b = a[a > 0], b[b > 0]
    off_a, off_b = (_compute_rounding(rates, digits, unit) for rates in (a, b))
    lowest = float(np.max((b - off_b) / (a + off_a)))
    highest = float(np.min((b + off_b) / np.maximum(a - off_a, 1e-45)))
    nearest = max(ROUNDED_BASE, 10.0 ** (2 - digits) if digits else 0.0, 10 * unit / float(a.max()))
    return (lowest, highest) if lowest <= highest and abs((lowest + highest) / 2 - 1) > nearest else None


def _compute_rounding(rates: np.ndarray, digits: int, unit: float) -> np.ndarray:
    return np.maximum(np.spacing(rates.astype(np.float32)).astype(np.float64) / 2,
                      compute_rounding_error(rates, digits, unit))


def format_shortest(lowest: float, highest: float) -> str:
    """Return the shortest decimal in a range."""
    middle = (lowest + highest) / 2
    near = (float(f"{middle:.{digits}g}") for digits in range(1, 18))
    shortest = next(number for number in near if lowest <= number <= highest)
    return np.format_float_positional(shortest, trim="-") if 1e-6 <= shortest < 1e9 else repr(shortest)
