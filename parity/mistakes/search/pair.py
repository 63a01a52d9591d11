"""Two sides over the same updates: where their rates differ, and how far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from parity.mistakes.search.subject import Subject

#: Rounding in float32: so many ULP of the largest rate, and no more than this share of the rate itself, so that a rate
#: of 0 where another is small is never called rounding.
FEW_ULP = 4
ROUNDED_SHARE = 1e-3


@dataclass(frozen=True)
class Pair:
    """Two sides and the number of updates that are compared.

    Rates are equal if they are the same float32, if one is not known, or if a log has rounded them to the same digits.
    rounded: also if float32 arithmetic might be all that is between them.
    """

    a: Subject
    b: Subject
    updates: int
    rounded: bool = False

    @cached_property
    def rates_a(self) -> np.ndarray:
        return self.a.over(self.updates)

    @cached_property
    def rates_b(self) -> np.ndarray:
        return self.b.over(self.updates)

    @cached_property
    def compared(self) -> np.ndarray:
        """The updates whose rates are known on both sides."""
        return np.flatnonzero(~np.isnan(self.rates_a) & ~np.isnan(self.rates_b))

    @cached_property
    def differing(self) -> np.ndarray:
        """The updates whose rates differ."""
        return np.flatnonzero(~self.equal(self.rates_a, self.rates_b))

    @cached_property
    def ulp(self) -> float:
        """One ULP of the largest rate."""
        return float(np.spacing(np.float32(max(np.nanmax(self.rates_a), np.nanmax(self.rates_b)))))

    @property
    def digits(self) -> int:
        """How many digits there are to compare; 0 if both sides are exact."""
        return min((side.digits for side in (self.a, self.b) if side.digits), default=0)

    def exchanged(self) -> Pair:
        return replace(self, a=self.b, b=self.a)

    def equal(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Say of each update whether its rates are equal."""
        one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
        apart, larger = np.abs(one - other), np.maximum(one, other)
        allowed = half_a_digit(larger, self.digits)
        if self.rounded:
            allowed = np.maximum(allowed, np.minimum(FEW_ULP * self.ulp, ROUNDED_SHARE * larger))
        return (apart <= allowed) | np.isnan(apart)

    def gives_b(self, predicted: np.ndarray, *, from_update: int = 0, to_update: int | None = None) -> bool:
        """Whether predicted rates say each known rate of B in a range of updates rightly, one that differs among them.

        predicted: float32 of shape (updates,), nan where the hypothesis says nothing.
        """
        part = slice(from_update, to_update)
        said, actual = predicted[part], self.rates_b[part]
        if (np.isnan(said) & ~np.isnan(actual)).any() or not self.equal(said, actual).all():
            return False
        return bool((~self.equal(self.rates_a[part], actual)).any())


def half_a_digit(rates: np.ndarray, digits: int) -> np.ndarray:
    """Return how far a rate may be from one that is printed to some digits: half of the last one, and a float32 ULP."""
    if not digits:
        return np.zeros(np.shape(rates))
    with np.errstate(divide="ignore"):
        unit = 10.0 ** (np.floor(np.log10(rates)) - (digits - 1))
    return unit / 2 + np.spacing(rates.astype(np.float32))
