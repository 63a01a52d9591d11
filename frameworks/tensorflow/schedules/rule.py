"""Which function ports which kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch

import tensorflow as tf

from frameworks.schedule import Schedule

#: From `t`, an int64 tensor, to the rate, a float64 tensor.
Rule = Callable[[tf.Tensor], tf.Tensor]


@singledispatch
def rule(schedule: Schedule) -> Rule:
    """Return the rates of a schedule as a function of `t`, the number of optimizer updates already made."""
    raise TypeError(f"not a schedule: {schedule!r}")
