"""Compares a scheduler's rates with a specification, within the rounding of the scheduler's arithmetic.

A library that computes each rate in float64 from the previous one loses precision at every update, and more where it
subtracts. The tolerance after n updates is (16 n + n^2) * 2^-53 of the largest rate so far, as for torch in the round
trips. For float32 it is 32 * 2^-24 of the largest rate. A schedule that is one update early or late, or has another
end, differs by far more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from frameworks.schedule import Schedule, lrs
from parity.measuring.compare import compute_ulps, count_compared_updates
from parity.pages.coverage.row import Row

#: The longest horizon in updates; a longer one is treated as this.
HORIZON = 200


def count_updates(schedule: Schedule) -> int:
    """Return the number of updates over which a schedule is compared: 2.5 horizons, at least 50."""
    return count_compared_updates(min(schedule.horizon, HORIZON))


def count_comparable(row: Row) -> int:
    """Return the number of updates over which a row's scheduler is compared with its specification."""
    return min(count_updates(row.specification), row.until or 10**9)


@dataclass(frozen=True)
class Agreement:
    """The differences between a scheduler and its specification.

    updates: number of updates compared.
    ulp: largest difference in float32 numbers.
    largest: largest difference in float64.
    first: first update with a difference above the tolerance; None: no such update.
    """

    updates: int
    ulp: int
    largest: float
    first: int | None

    def describe(self) -> str:
        """Return the result as a short phrase."""
        if self.first is not None:
            return f"differs from update {self.first}"
        if not self.ulp:
            return "0 ULP"
        # near 0 a small difference is many ULP
        return f"{self.ulp} ULP" if self.ulp < 1000 else f"{self.largest:.1g} absolute"


def compare_rates(row: Row, rates: list[float], bits: int) -> Agreement:
    """Compare a scheduler's rates with a row's schedule. Raises ValueError if there are too few rates."""
    n = count_comparable(row)
    if len(rates) < n:
        raise ValueError(f"{row.call}: expected {n} rates, got {len(rates)}")
    computed = np.array(rates[:n], np.float64)
    exact = lrs(row.specification, n)
    largest, count = np.maximum.accumulate(exact), np.arange(n) + 8.0
    tolerance = 32 * 2.0**-24 * largest if bits == 32 else (16 * count + count**2) * 2.0**-53 * largest
    applied = computed.astype(np.float32)
    lowest, highest = (exact - tolerance).astype(np.float32), (exact + tolerance).astype(np.float32)
    wrong = ~((lowest <= applied) & (applied <= highest))
    return Agreement(n, int(np.abs(compute_ulps(applied, row.specification)).max()),
                     float(np.abs(computed - exact).max()), int(np.argmax(wrong)) if wrong.any() else None)
