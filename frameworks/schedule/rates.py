"""Defines scale and clamp, which change the rates of another schedule.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from frameworks.schedule.fields import Rate, ScheduleModel
from frameworks.schedule.model import build_bound_check

if TYPE_CHECKING:
    from frameworks.schedule.union import Schedule


class Scale(ScheduleModel):
    """Multiplies the rates of another schedule by a number.

        lr(t) = by * of.lr(t)

    by: the number, 0 or more; `by` times the largest rate of `of` is at most 1e37.
    of: the schedule.

    >>> from frameworks.schedule import Constant
    >>> Scale(by=0.5, of=Constant(base_lr=0.3)).lr(7)
    0.15
    """

    kind: Literal["scale"] = "scale"
    by: Rate
    of: Schedule
    example = {"by": 0.5, "of": {"kind": "multi_factor", "base_lr": 0.5, "factor": 0.5, "milestones": [15, 30]}}

    def _compute_at(self, t: int) -> float:
        return self.by * self.of._compute_at(t)

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        return self.by * self.of._compute_over(t)

    @property
    def horizon(self) -> int:
        """Return the horizon of `of`."""
        return self.of.horizon

    @property
    def largest(self) -> float:
        """Return the bound of `of`, multiplied by `by`."""
        return self.by * self.of.largest


class Clamp(ScheduleModel):
    """Keeps the rates of another schedule between two rates.

        of.lr(t) < min_lr:  lr(t) = min_lr
        of.lr(t) > max_lr:  lr(t) = max_lr
        otherwise:          lr(t) = of.lr(t)

    min_lr: lowest rate, 0 or more.
    max_lr: highest rate, at least min_lr.
    of: the schedule.

    >>> from frameworks.schedule import Polynomial
    >>> kept = Clamp(min_lr=0.2, max_lr=0.5, of=Polynomial(base_lr=1.0, power=1, updates=10))
    >>> kept.lr(4), round(kept.lr(6), 9), kept.lr(9)
    (0.5, 0.4, 0.2)
    """

    kind: Literal["clamp"] = "clamp"
    min_lr: Rate
    max_lr: Rate
    of: Schedule
    example = {"min_lr": 0.02, "max_lr": 0.2, "of": {"kind": "cosine", "base_lr": 0.3, "updates": 20}}
    _check_max_lr = build_bound_check("max_lr", "min_lr", "clamp")

    def _compute_at(self, t: int) -> float:
        return min(max(self.of._compute_at(t), self.min_lr), self.max_lr)

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        return np.minimum(np.maximum(self.of._compute_over(t), self.min_lr), self.max_lr)

    @property
    def horizon(self) -> int:
        """Return the horizon of `of`."""
        return self.of.horizon

    @property
    def largest(self) -> float:
        """Return the bound of `of`, clamped too."""
        return min(max(self.of.largest, self.min_lr), self.max_lr)
