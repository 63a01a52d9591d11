"""Which function ports which kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch

from frameworks.schedule import Schedule

#: From `t`, a Python int, to the rate, a Python float.
Rule = Callable[[int], float]


@singledispatch
def rule(schedule: Schedule) -> Rule:
    """Return the rates of a schedule as a function of `t`, the number of optimizer updates already made."""
    raise TypeError(f"not a schedule: {schedule!r}")
