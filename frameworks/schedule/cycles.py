"""The kind whose rounds are stretched: polynomial cycle.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from frameworks.schedule.arrays import each
from frameworks.schedule.fields import Count, Positive, Rate, ScheduleModel


class PolynomialCycle(ScheduleModel):
    """A polynomial that, at each of its ends, jumps up to one over as many updates more, begun with the training.

    end = updates * max(1, ceil(t / updates))
    lr(t) = final_lr + (base_lr - final_lr) * ((end - t) / end)^power

    base_lr, final_lr: rates. power: above 0; 1 is a straight line. updates: updates between two ends; every multiple of
    it applies final_lr, the update after it jumps: to half of base_lr's height above final_lr after the first end, a
    third after the second, when power is 1. It never ends; its horizon is one round. Source:
    keras.optimizers.schedules.PolynomialDecay(cycle=True), and PaddlePaddle's.

    >>> teeth = PolynomialCycle(base_lr=1.0, power=1, updates=4)
    >>> teeth.lr(0), teeth.lr(3), teeth.lr(4), teeth.lr(5), teeth.lr(8), teeth.lr(9)
    (1.0, 0.25, 0.0, 0.375, 0.0, 0.25)
    """

    kind: Literal["polynomial_cycle"] = "polynomial_cycle"
    base_lr: Rate
    final_lr: Rate = 0.0
    power: Positive = 1.0
    updates: Count
    example = {"base_lr": 0.3, "final_lr": 0.01, "updates": 7}
    formula = ("final_lr + (base_lr - final_lr) * ((max(updates * ((t + (updates - 1)) // updates), updates) - t) / "
               "max(updates * ((t + (updates - 1)) // updates), updates)) ** power")

    def _at(self, t: int) -> float:
        end = self.updates * max(1, -(-t // self.updates))
        left = float(end - t) / float(end)
        return self.final_lr + (self.base_lr - self.final_lr) * math.pow(left, self.power)

    def _over(self, t: np.ndarray) -> np.ndarray:
        end = self.updates * np.maximum(1, -(-t // self.updates))
        left = (end - t).astype(np.float64) / end.astype(np.float64)
        return self.final_lr + (self.base_lr - self.final_lr) * each(math.pow, left, self.power)

    @property
    def horizon(self) -> int:
        return self.updates

    @property
    def largest(self) -> float:
        return max(self.base_lr, self.final_lr)
