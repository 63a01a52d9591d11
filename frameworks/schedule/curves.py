"""Defines inverse square root, inverse time, polynomial and cosine: rates along a curve.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from frameworks.schedule.arrays import apply_each
from frameworks.schedule.fields import Count, Positive, Rate, ScheduleModel


class InverseSquareRoot(ScheduleModel):
    """Decreases the rate as one over the square root of time, without an end.

        lr(t) = base_lr * (timescale / (t + timescale))^1/2

    base_lr: rate at `t = 0`, 0 or more.
    timescale: updates after which the rate is base_lr / sqrt(2), not necessarily whole, 1e-37 or more (default: 1).
      After 3 * timescale updates it is half of base_lr.
    Source: the chapter's SquareRootScheduler, base_lr * (t + 1)^-1/2, has timescale 1.

    >>> root = InverseSquareRoot(base_lr=0.1)
    >>> root.lr(0), root.lr(3), root.lr(99)
    (0.1, 0.05, 0.010000000000000002)
    """

    kind: Literal["inverse_square_root"] = "inverse_square_root"
    base_lr: Rate
    timescale: Positive = 1.0
    example = {"base_lr": 0.1}
    formula = "base_lr * sqrt(timescale / (t + timescale))"

    def _compute_at(self, t: int) -> float:
        return self.base_lr * math.sqrt(self.timescale / (float(t) + self.timescale))

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        return self.base_lr * np.sqrt(self.timescale / (t.astype(np.float64) + self.timescale))

    @property
    def horizon(self) -> int:
        """Return 0: the formula has one case."""
        return 0

    @property
    def largest(self) -> float:
        """Return `base_lr`."""
        return self.base_lr


class InverseTime(ScheduleModel):
    """Decreases the rate as one over time, without an end.

        lr(t) = base_lr * timescale / (t + timescale)

    base_lr: rate at `t = 0`, 0 or more.
    timescale: updates after which the rate is half of base_lr, not necessarily whole, 1e-37 or more (default: 1). After
      3 * timescale updates it is a quarter.
    Source: keras.optimizers.schedules.InverseTimeDecay with timescale = decay_steps / decay_rate. With staircase=True
      it is a hold over decay_steps of an inverse_time with timescale 1 / decay_rate.

    >>> falling = InverseTime(base_lr=0.1, timescale=10.0)
    >>> falling.lr(0), falling.lr(10), falling.lr(30)
    (0.1, 0.05, 0.025)
    """

    kind: Literal["inverse_time"] = "inverse_time"
    base_lr: Rate
    timescale: Positive = 1.0
    example = {"base_lr": 0.1, "timescale": 20.0}
    formula = "base_lr * (timescale / (t + timescale))"

    def _compute_at(self, t: int) -> float:
        return self.base_lr * (self.timescale / (float(t) + self.timescale))

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        return self.base_lr * (self.timescale / (t.astype(np.float64) + self.timescale))

    @property
    def horizon(self) -> int:
        """Return 0: the formula has one case."""
        return 0

    @property
    def largest(self) -> float:
        """Return `base_lr`."""
        return self.base_lr


class Polynomial(ScheduleModel):
    """Moves the rate from `base_lr` to `final_lr` along a power of the remaining time, then holds it.

        lr(t) = final_lr + (base_lr - final_lr) * (1 - min(t, updates) / updates)^power

    base_lr: rate at `t = 0`, 0 or more.
    final_lr: rate from update `updates` on, 0 or more; it may be above base_lr (default: 0).
    power: exponent, 1e-37 or more; 1 is a straight line (default: 2).
    updates: updates before the first one at final_lr, 1 or more.

    An increase loses digits near its start: a rate there is within (4 + power) * 2^-53 * final_lr of the formula. Below
    (4 + power) * 5e-9 * final_lr it has fewer digits than float32. annealing loses none.
    Source: mxnet.lr_scheduler.PolyScheduler; the chapter's exercise 2.

    >>> line = Polynomial(base_lr=1.0, final_lr=0.5, power=1, updates=4)
    >>> line.lr(0), line.lr(3), line.lr(4), line.lr(5)
    (1.0, 0.625, 0.5, 0.5)
    """

    kind: Literal["polynomial"] = "polynomial"
    base_lr: Rate
    final_lr: Rate = 0.0
    power: Positive = 2.0
    updates: Count
    example = {"base_lr": 0.5, "power": 2.0, "updates": 30}

    def _compute_at(self, t: int) -> float:
        left = 1 - float(min(t, self.updates)) / self.updates
        return self.final_lr + (self.base_lr - self.final_lr) * math.pow(left, self.power)

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        left = 1 - np.minimum(t, self.updates).astype(np.float64) / self.updates
        return self.final_lr + (self.base_lr - self.final_lr) * apply_each(math.pow, left, self.power)

    @property
    def horizon(self) -> int:
        """Return `updates`: `final_lr` is held from there on."""
        return self.updates

    @property
    def largest(self) -> float:
        """Return the larger one of `base_lr` and `final_lr`."""
        return max(self.base_lr, self.final_lr)


class Cosine(ScheduleModel):
    """Moves the rate from `base_lr` to `final_lr` along half a cosine period, then holds it.

        lr(t) = final_lr + (base_lr - final_lr) * (1 + cos(pi * min(t, updates) / updates)) / 2

    base_lr: rate at `t = 0`, 0 or more.
    final_lr: rate from update `updates` on, 0 or more; it may be above base_lr (default: 0).
    updates: updates before the first one at final_lr, 1 or more. After it, torch's CosineAnnealingLR increases again.

    An increase loses digits near its start: a rate there is within 4 * 2^-53 * final_lr of the formula. Below
    2e-8 * final_lr it has fewer digits than float32. annealing loses none.
    Source: mxnet.lr_scheduler.CosineScheduler; the chapter's CosineScheduler; Loshchilov and Hutter 2016
      (https://arxiv.org/abs/1608.03983), without restarts.

    >>> wave = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
    >>> wave.lr(0), round(wave.lr(19), 6), wave.lr(20), wave.lr(21)
    (0.3, 0.011785, 0.01, 0.01)
    """

    kind: Literal["cosine"] = "cosine"
    base_lr: Rate
    final_lr: Rate = 0.0
    updates: Count
    example = {"base_lr": 0.3, "final_lr": 0.01, "updates": 20}
    formula = "final_lr + (base_lr - final_lr) * (1 + cos(pi * min(t, updates) / updates)) / 2"

    def _compute_at(self, t: int) -> float:
        angle = math.pi * float(min(t, self.updates)) / self.updates
        return self.final_lr + (self.base_lr - self.final_lr) * (1 + math.cos(angle)) / 2

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        angle = math.pi * np.minimum(t, self.updates).astype(np.float64) / self.updates
        return self.final_lr + (self.base_lr - self.final_lr) * (1 + apply_each(math.cos, angle)) / 2

    @property
    def horizon(self) -> int:
        """Return `updates`: `final_lr` is held from there on."""
        return self.updates

    @property
    def largest(self) -> float:
        """Return the larger one of `base_lr` and `final_lr`."""
        return max(self.base_lr, self.final_lr)
