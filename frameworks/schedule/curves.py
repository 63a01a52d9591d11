"""The kinds that follow a curve: inverse square root, inverse time, polynomial, cosine.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from frameworks.schedule.arrays import each
from frameworks.schedule.fields import Count, Positive, Rate, ScheduleModel


class InverseSquareRoot(ScheduleModel):
    """Falls as one over the square root of time; never ends.

    lr(t) = base_lr * (timescale / (t + timescale))^1/2

    base_lr: rate. timescale: updates, a positive number; `t = timescale` gives base_lr / sqrt(2) and `t = 3 timescale`
    half of base_lr. Source: the chapter's SquareRootScheduler, base_lr * (t + 1)^-1/2, is timescale 1.

    >>> root = InverseSquareRoot(base_lr=0.1)
    >>> root.lr(0), root.lr(3), root.lr(99)
    (0.1, 0.05, 0.010000000000000002)
    """

    kind: Literal["inverse_square_root"] = "inverse_square_root"
    base_lr: Rate
    timescale: Positive = 1.0
    example = {"base_lr": 0.1}
    formula = "base_lr * sqrt(timescale / (t + timescale))"

    def _at(self, t: int) -> float:
        return self.base_lr * math.sqrt(self.timescale / (float(t) + self.timescale))

    def _over(self, t: np.ndarray) -> np.ndarray:
        return self.base_lr * np.sqrt(self.timescale / (t.astype(np.float64) + self.timescale))

    @property
    def horizon(self) -> int:
        return 0

    @property
    def largest(self) -> float:
        return self.base_lr


class InverseTime(ScheduleModel):
    """Falls as one over time; never ends.

    lr(t) = base_lr * timescale / (t + timescale)

    base_lr: rate. timescale: updates, a positive number; `t = timescale` gives half of base_lr, `t = 3 timescale` a
    quarter. Source: keras.optimizers.schedules.InverseTimeDecay with timescale = decay_steps / decay_rate; with
    staircase=True it is a hold over decay_steps of one with timescale 1 / decay_rate.

    >>> falling = InverseTime(base_lr=0.1, timescale=10.0)
    >>> falling.lr(0), falling.lr(10), falling.lr(30)
    (0.1, 0.05, 0.025)
    """

    kind: Literal["inverse_time"] = "inverse_time"
    base_lr: Rate
    timescale: Positive = 1.0
    example = {"base_lr": 0.1, "timescale": 20.0}
    formula = "base_lr * (timescale / (t + timescale))"

    def _at(self, t: int) -> float:
        return self.base_lr * (self.timescale / (float(t) + self.timescale))

    def _over(self, t: np.ndarray) -> np.ndarray:
        return self.base_lr * (self.timescale / (t.astype(np.float64) + self.timescale))

    @property
    def horizon(self) -> int:
        return 0

    @property
    def largest(self) -> float:
        return self.base_lr


class Polynomial(ScheduleModel):
    """A power of the remaining share of time, then held.

    lr(t) = final_lr + (base_lr - final_lr) * (1 - min(t, updates) / updates)^power

    base_lr, final_lr: rates. power: above 0; 1 is a straight line. updates: updates until final_lr is reached, first
    applied by update `updates`, and held afterwards. Source: mxnet.lr_scheduler.PolyScheduler, exercise 2.

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

    def _at(self, t: int) -> float:
        left = 1 - float(min(t, self.updates)) / self.updates
        return self.final_lr + (self.base_lr - self.final_lr) * math.pow(left, self.power)

    def _over(self, t: np.ndarray) -> np.ndarray:
        left = 1 - np.minimum(t, self.updates).astype(np.float64) / self.updates
        return self.final_lr + (self.base_lr - self.final_lr) * each(math.pow, left, self.power)

    @property
    def horizon(self) -> int:
        return self.updates

    @property
    def largest(self) -> float:
        return max(self.base_lr, self.final_lr)


class Cosine(ScheduleModel):
    """Half a cosine wave, then held.

    lr(t) = final_lr + (base_lr - final_lr) * (1 + cos(pi * min(t, updates) / updates)) / 2

    base_lr, final_lr: rates. updates: updates until final_lr is reached, first applied by update `updates`, and held
    afterwards (torch's CosineAnnealingLR climbs again). Source: the chapter's CosineScheduler, Loshchilov and Hutter
    2016 (https://arxiv.org/abs/1608.03983) without restarts, mxnet.lr_scheduler.CosineScheduler.

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

    def _at(self, t: int) -> float:
        angle = math.pi * float(min(t, self.updates)) / self.updates
        return self.final_lr + (self.base_lr - self.final_lr) * (1 + math.cos(angle)) / 2

    def _over(self, t: np.ndarray) -> np.ndarray:
        angle = math.pi * np.minimum(t, self.updates).astype(np.float64) / self.updates
        return self.final_lr + (self.base_lr - self.final_lr) * (1 + each(math.cos, angle)) / 2

    @property
    def horizon(self) -> int:
        return self.updates

    @property
    def largest(self) -> float:
        return max(self.base_lr, self.final_lr)
