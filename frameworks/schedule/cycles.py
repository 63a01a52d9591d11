"""Defines polynomial cycle, whose cycles become longer.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from frameworks.schedule.arrays import apply_each
from frameworks.schedule.fields import Count, Positive, Rate, ScheduleModel


class PolynomialCycle(ScheduleModel):
    """Follows a polynomial whose end moves `updates` further each time it is reached.

        end = updates * max(1, ceil(t / updates))
        lr(t) = final_lr + (base_lr - final_lr) * ((end - t) / end)^power

    base_lr: rate at `t = 0`, 0 or more.
    final_lr: rate at each end, 0 or more; it may be above base_lr (default: 0).
    power: exponent, 1e-37 or more; 1 is a straight line (default: 1).
    updates: updates between two ends, 1 or more; every multiple of it applies final_lr, and the rate jumps after it.

    The progress is always counted from update 0, so the jumps become smaller. With power 1, the first one is to nearly
    1/2 of the way from final_lr to base_lr, and the second one to nearly 1/3. It never ends; its horizon is one cycle.

    An increase loses digits near its start: a rate there is within (4 + power) * 2^-53 * final_lr of the formula. Below
    (4 + power) * 5e-9 * final_lr it has fewer digits than float32. annealing loses none.
    Source: PolynomialDecay(cycle=True) of keras.optimizers.schedules and of PaddlePaddle.

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

    def _compute_at(self, t: int) -> float:
        end = self.updates * max(1, -(-t // self.updates))
        left = float(end - t) / float(end)
        return self.final_lr + (self.base_lr - self.final_lr) * math.pow(left, self.power)

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        end = self.updates * np.maximum(1, -(-t // self.updates))
        left = (end - t).astype(np.float64) / end.astype(np.float64)
        return self.final_lr + (self.base_lr - self.final_lr) * apply_each(math.pow, left, self.power)

    @property
    def horizon(self) -> int:
        """Return `updates`, the first end."""
        return self.updates

    @property
    def largest(self) -> float:
        """Return the larger one of `base_lr` and `final_lr`."""
        return max(self.base_lr, self.final_lr)
