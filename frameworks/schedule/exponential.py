"""Defines exponential: a rate that is multiplied by the same factor again and again.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Literal

import numpy as np
from pydantic import ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from frameworks.schedule.arrays import apply_each
from frameworks.schedule.fields import MAX_COUNT, MIN_POSITIVE, Count, Positive, Rate, ScheduleModel
from frameworks.schedule.model import build_bound_check


class Exponential(ScheduleModel):
    """Multiplies the rate by `factor` every `updates` updates, smoothly; an increasing rate stops at `max_lr`.

        lr(t) = min(max_lr, base_lr * factor^(t / updates))

    base_lr: rate at `t = 0`, 0 or more; with a factor above 1, it must be 0 or at least 1e-37.
    max_lr: highest rate, at least base_lr (default: null, which a factor above 1 rejects).
    factor: multiplies the rate in `updates` updates, 1e-37 or more; above 1, the rate increases.
    updates: updates in which the rate is multiplied by the factor once, 1 or more.
    Source: keras.optimizers.schedules.ExponentialDecay without staircase. torch's ExponentialLR has updates 1. The
      end_value of optax.exponential_decay is max_lr if the rate increases.

    >>> falling = Exponential(base_lr=1.0, factor=0.25, updates=10)
    >>> falling.lr(0), falling.lr(5), falling.lr(10), falling.lr(20)
    (1.0, 0.5, 0.25, 0.0625)
    >>> rising = Exponential(base_lr=0.125, max_lr=1.0, factor=4.0, updates=2)
    >>> rising.lr(0), rising.lr(1), rising.lr(2), rising.lr(3), rising.lr(4)
    (0.125, 0.25, 0.5, 1.0, 1.0)
    """

    kind: Literal["exponential"] = "exponential"
    base_lr: Rate
    max_lr: Rate | None = None
    factor: Positive
    updates: Count
    example = {"base_lr": 0.1, "factor": 0.9, "updates": 10}
    _check_max_lr = build_bound_check("max_lr", "base_lr", "cap")

    @field_validator("factor")
    @classmethod
    def _check_factor(cls, factor: float, info: ValidationInfo) -> float:
        if factor > 1 and info.data.get("max_lr", 1.0) is None:
            raise PydanticCustomError("uncapped", "above 1 needs a max_lr, since a rate stays finite")
        if factor > 1 and 0 < info.data.get("base_lr", 0.0) < MIN_POSITIVE:
            raise PydanticCustomError("uncapped", "above 1 needs a base_lr of 0 or at least {least}",
                                      {"least": MIN_POSITIVE})
        return factor

    @property
    def cap(self) -> float:
        """Return the highest rate; infinite if there is no `max_lr`."""
        return math.inf if self.max_lr is None else self.max_lr

    @property
    def _most(self) -> float:
        """Return an exponent at which max_lr has long been reached, and the power is still finite."""
        return self._reached + 2 if self.factor > 1 else math.inf

    @property
    def _reached(self) -> float:
        if self.base_lr == 0 or self.factor <= 1:
            return 0.0
        return (math.log(self.cap) - math.log(self.base_lr)) / math.log(self.factor)

    def _compute_at(self, t: int) -> float:
        rate = self.base_lr * math.pow(self.factor, min(float(t) / self.updates, self._most))
        return rate if self.max_lr is None else min(self.max_lr, rate)

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        exponents = np.minimum(t.astype(np.float64) / self.updates, self._most)
        rates = self.base_lr * apply_each(partial(math.pow, self.factor), exponents)
        return rates if self.max_lr is None else np.minimum(self.max_lr, rates)

    @property
    def horizon(self) -> int:
        """Return the first update at the highest rate; 0 if the rate does not increase."""
        if self.base_lr == 0 or self.factor <= 1:
            return 0
        t = min(math.ceil(self._reached * self.updates), MAX_COUNT - 1)
        return next((near for near in (t - 1, t) if near >= 0 and self._compute_at(near) == self._compute_at(t + 1)),
                    t + 1)

    @property
    def largest(self) -> float:
        """Return `max_lr` if the rate increases, else `base_lr`."""
        return self.cap if self.factor > 1 and self.base_lr else self.base_lr
