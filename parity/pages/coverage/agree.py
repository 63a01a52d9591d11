"""Whether a scheduler's rates are those of a specification, but for the rounding of the scheduler's own arithmetic.

A library that computes in float64 may go on from its previous rate, and so lose at every update, and where it subtracts
more: with n updates (16 n + n^2) * 2^-53 of the largest rate so far, as the round trips have it for torch. One that
computes in float32 may be 32 * 2^-24 of the largest rate off. A schedule that is one update early or late is
farther off than that, by far, and so is one with another end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from frameworks.schedule import Schedule, lrs
from parity.measuring.compare import ulps, updates_compared
from parity.pages.coverage.row import Row

#: Of a longer horizon than this only so many updates are taken for one.
HORIZON = 200


def updates(schedule: Schedule) -> int:
    """Return over how many updates a schedule is compared: 2.5 horizons, at least 50."""
    return updates_compared(min(schedule.horizon, HORIZON))


def comparable(row: Row) -> int:
    """Return over how many updates a row's scheduler is compared with its specification."""
    return min(updates(row.specification), row.until or 10**9)


@dataclass(frozen=True)
class Agreement:
    """Of a scheduler and its specification. first: the update from which they differ, by more than rounding."""

    updates: int
    ulp: int
    largest: float
    first: int | None

    def said(self) -> str:
        """Say it in a few words."""
        if self.first is not None:
            return f"differs from update {self.first}"
        if not self.ulp:
            return "0 ULP"
        return f"{self.ulp} ULP" if self.ulp < 1000 else f"{self.largest:.1g} off"  # near 0 little is many ULP


def agreement(row: Row, rates: list[float], bits: int) -> Agreement:
    """Compare a scheduler's rates with a row's schedule. Raises ValueError unless there are enough."""
    n = comparable(row)
    if len(rates) < n:
        raise ValueError(f"{row.call}: {n} rates are to be compared, got {len(rates)}")
    given = np.array(rates[:n], np.float64)
    exact = lrs(row.specification, n)
    largest, count = np.maximum.accumulate(exact), np.arange(n) + 8.0
    margin = 32 * 2.0**-24 * largest if bits == 32 else (16 * count + count**2) * 2.0**-53 * largest
    applied = given.astype(np.float32)
    lowest, highest = (exact - margin).astype(np.float32), (exact + margin).astype(np.float32)
    wrong = ~((lowest <= applied) & (applied <= highest))
    return Agreement(n, int(np.abs(ulps(applied, row.specification)).max()), float(np.abs(given - exact).max()),
                     int(np.argmax(wrong)) if wrong.any() else None)
