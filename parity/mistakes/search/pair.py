"""Compares two sequences of rates, A and B, over the same updates: where they differ, and by how much."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from parity.mistakes.search.subject import Subject

#: Rounding in float32: at most this many ULP of the largest rate, and at most this share of the rate itself. So a rate
#: of 0 where the other is small is not treated as rounding.
FEW_ULP = 4
ROUNDED_SHARE = 1e-3


@dataclass(frozen=True)
class Pair:
    """Two sequences of rates, and the number of updates that are compared.

    Rates are equal if they are the same float32, if one is not known, or if a log has rounded them to the same digits.

    a: the first.
    b: the second.
    updates: the number of updates that are compared, from 0 on.
    rounded: whether rates are also equal if they differ by float32 rounding only (default: False).
    """

    a: Subject
    b: Subject
    updates: int
    rounded: bool = False

    @cached_property
    def rates_a(self) -> np.ndarray:
        """The rates of A: float32 of shape (updates,), nan where they are not known."""
        return self.a.list_rates(self.updates)

    @cached_property
    def rates_b(self) -> np.ndarray:
        """The rates of B, in the same form."""
        return self.b.list_rates(self.updates)

    @cached_property
    def compared(self) -> np.ndarray:
        """The updates whose rates are known in A and in B."""
        return np.flatnonzero(~np.isnan(self.rates_a) & ~np.isnan(self.rates_b))

    @cached_property
    def differing(self) -> np.ndarray:
        """The updates whose rates differ."""
        return np.flatnonzero(~self.is_equal(self.rates_a, self.rates_b))

    @cached_property
    def ulp(self) -> float:
        """One ULP of the largest rate."""
        return float(np.spacing(np.float32(max(np.nanmax(self.rates_a), np.nanmax(self.rates_b)))))

    @property
    def digits(self) -> int:
        """The number of digits that are compared; 0 if A and B are exact."""
        return min((side.digits for side in (self.a, self.b) if side.digits), default=0)

    @property
    def unit(self) -> float:
        """The unit of the coarser log with fixed-point rates, else 0."""
        return max(self.a.unit, self.b.unit)

    @property
    def is_printed(self) -> bool:
        """Return whether the rates of A or B are rounded to printed digits."""
        return bool(self.digits or self.unit)

    def exchange(self) -> Pair:
        """Return the pair with A and B exchanged."""
        return replace(self, a=self.b, b=self.a)

    def is_equal(self, rates: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return, for each update, whether its two rates are equal."""
        rates, others = np.asarray(rates, np.float64), np.asarray(others, np.float64)
        apart, larger = np.abs(rates - others), np.maximum(rates, others)
        allowed = compute_rounding_error(larger, self.digits, self.unit)
        if self.rounded:
            allowed = np.maximum(allowed, np.minimum(FEW_ULP * self.ulp, ROUNDED_SHARE * larger))
        return (apart <= allowed) | np.isnan(apart)

    def is_explained_by(self, predicted: np.ndarray, *, from_update: int = 0, to_update: int | None = None) -> bool:
        """Return whether predicted rates equal each known rate of B in a range of updates that includes a difference.

        predicted: float32 of shape (updates,), nan where the hypothesis predicts no rate.
        """
        part = slice(from_update, to_update)
        expected, actual = predicted[part], self.rates_b[part]
        if (np.isnan(expected) & ~np.isnan(actual)).any() or not self.is_equal(expected, actual).all():
            return False
        return bool((~self.is_equal(self.rates_a[part], actual)).any())


def compute_rounding_error(rates: np.ndarray, digits: int, unit: float = 0.0) -> np.ndarray:
    """Return the rounding error of printed rates: half of the last digit plus one float32 ULP.

    rates: the rates.
    digits: their number of significant digits; 0 if they have all.
    unit: the unit of fixed-point numbers; else 0 (default: 0).
    """
    if not digits and not unit:
        return np.zeros(np.shape(rates))
    error = np.full(np.shape(rates), unit / 2)
    if digits:
        with np.errstate(divide="ignore"):
            error = np.maximum(error, 10.0 ** (np.floor(np.log10(rates)) - (digits - 1)) / 2)
    return error + np.spacing(rates.astype(np.float32))
