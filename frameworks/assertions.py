"""Asserts that a training applied the specified rates, bit for bit."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

import numpy as np

from frameworks.record import Rates
from frameworks.schedule import Schedule


def assert_applied(rates: Rates | Sequence[float] | np.ndarray, schedule: Schedule, *, group: int = 0,
                   ulp: int = 0, updates: int | None = None) -> None:
    """Raise an error unless each recorded update applied the specified rate, rounded to float32.

    rates: what `record` returned, or one rate for each update from 0 on: shape (updates,).
    schedule: what was specified.
    group: index of a recorded parameter group (default: 0).
    ulp: the largest difference that is accepted, in float32 units in the last place (default: 0); for schedulers that
        compute each rate from the one before.
    updates: how many updates the training has to have made in all, 1 or more (default: None, any number).

    Raises NotAppliedError, an AssertionError. It names the first wrong update, both rates with their bits, the known
    mistake that gives all rates, and the command that explains more.
    Raises ValueError if no update was recorded, or if `group`, `ulp` or `updates` is out of its range.
    Raises TypeError if `schedule` is not a schedule.
    """
    __tracebackhide__ = True  # pytest shows the caller's line
    # comparison and causes belong to parity, which is built on this package
    importlib.import_module("parity.explain.assertions").check_applied(rates, schedule, group, ulp, updates)
