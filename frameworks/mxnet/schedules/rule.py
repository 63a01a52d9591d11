"""Finds the function of this back end that computes the rates of a kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch

from frameworks.schedule import Schedule

#: Computes the rate from `t`: from a Python int a Python float.
Rule = Callable[[int], float]


@singledispatch
def rule(schedule: Schedule) -> Rule:
    """Return the rates of a schedule as a function of `t`, the number of optimizer updates already made.

    schedule: a schedule, without composed kinds.

    Raises TypeError if it is not a schedule.
    """
    raise TypeError(f"not a schedule: {schedule!r}")
