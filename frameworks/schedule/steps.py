"""Defines constant, factor and multi-factor: rates that are constant, or drop at some updates.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from functools import partial
from typing import Annotated, Literal

import numpy as np

from frameworks.schedule.arrays import apply_each
from frameworks.schedule.fields import MIN_ITEMS, Count, DropFactor, Filled, Rate, ScheduleModel, Updates
from frameworks.schedule.model import build_bound_check


class Constant(ScheduleModel):
    """Applies the same rate to every update.

        lr(t) = base_lr

    base_lr: the rate, 0 or more.
    Source: the chapter's first experiment, with 0.3.

    >>> Constant(base_lr=0.3).lr(0), Constant(base_lr=0.3).lr(10**12)
    (0.3, 0.3)
    """

    kind: Literal["constant"] = "constant"
    base_lr: Rate
    example = {"base_lr": 0.3}

    def _compute_at(self, t: int) -> float:
        return self.base_lr

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        return np.full(len(t), self.base_lr)

    @property
    def horizon(self) -> int:
        """Return 0: the formula has one case."""
        return 0

    @property
    def largest(self) -> float:
        """Return `base_lr`."""
        return self.base_lr


class Factor(ScheduleModel):
    """Multiplies the rate by a factor every few updates, down to a lowest rate.

        lr(t) = max(min_lr, base_lr * factor^floor(t / every))

    base_lr: rate at `t = 0`, 0 or more.
    factor: multiplies the rate at each drop; above 0, at most 1.
    every: updates between two drops, 1 or more; update `every` is the first at the lower rate (default: 1).
    min_lr: lowest rate, 0 to base_lr; after the rate has reached it, it stays there (default: 0).
    Source: mxnet.lr_scheduler.FactorScheduler. The chapter's FactorScheduler is a shift by 1: its first call returns
      base_lr * factor.

    >>> steps = Factor(base_lr=1.0, factor=0.5, every=10, min_lr=0.2)
    >>> steps.lr(9), steps.lr(10), steps.lr(19), steps.lr(20), steps.lr(30)
    (1.0, 0.5, 0.5, 0.25, 0.2)
    """

    kind: Literal["factor"] = "factor"
    base_lr: Rate
    factor: DropFactor
    every: Count = 1
    min_lr: Rate = 0.0
    example = {"base_lr": 0.5, "factor": 0.5, "every": 10, "min_lr": 0.1}
    _check_min_lr = build_bound_check("min_lr", "base_lr", "floor", most=True)

    def _compute_at(self, t: int) -> float:
        return max(self.min_lr, self.base_lr * math.pow(self.factor, t // self.every))

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        drops = (t // self.every).astype(np.float64)
        return np.maximum(self.min_lr, self.base_lr * apply_each(partial(math.pow, self.factor), drops))

    @property
    def horizon(self) -> int:
        """Return the first update at `min_lr`; `every` if `min_lr` is 0; 0 if the rate does not change."""
        if self.factor == 1 or self.base_lr == 0:
            return 0
        if self.min_lr == 0:
            return self.every
        drops = (math.log(self.min_lr) - math.log(self.base_lr)) / math.log(self.factor)
        return math.ceil(drops) * self.every

    @property
    def largest(self) -> float:
        """Return `base_lr`."""
        return self.base_lr


class MultiFactor(ScheduleModel):
    """Multiplies the rate by a factor at each milestone.

        lr(t) = base_lr * factor^(number of milestones <= t)

    base_lr: rate before the first milestone, 0 or more.
    factor: multiplies the rate at each milestone; above 0, at most 1.
    milestones: one or more updates, strictly increasing, each 1 or more; update `milestones[0]` is the first at the
      lower rate. After the last one the rate does not change.
    Source: mxnet.lr_scheduler.MultiFactorScheduler; the chapter's MultiFactorScheduler; torch's MultiStepLR.

    >>> steps = MultiFactor(base_lr=0.5, factor=0.5, milestones=[15, 30])
    >>> steps.lr(14), steps.lr(15), steps.lr(29), steps.lr(30), steps.lr(10**9)
    (0.5, 0.25, 0.25, 0.125, 0.125)
    """

    kind: Literal["multi_factor"] = "multi_factor"
    base_lr: Rate
    factor: DropFactor
    milestones: Annotated[Updates, Filled, MIN_ITEMS]
    example = {"base_lr": 0.5, "factor": 0.5, "milestones": [15, 30]}

    def _compute_at(self, t: int) -> float:
        return self.base_lr * math.pow(self.factor, bisect_right(self.milestones, t))

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        passed = np.searchsorted(np.array(self.milestones), t, side="right").astype(np.float64)
        return self.base_lr * apply_each(partial(math.pow, self.factor), passed)

    @property
    def horizon(self) -> int:
        """Return the last milestone."""
        return self.milestones[-1]

    @property
    def largest(self) -> float:
        """Return `base_lr`."""
        return self.base_lr
