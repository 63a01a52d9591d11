"""Defines shift and hold, which change the clock of another schedule.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from frameworks.schedule.fields import Count, CountFromZero, ScheduleModel

if TYPE_CHECKING:
    from frameworks.schedule.union import Schedule


class Shift(ScheduleModel):
    """Skips the first updates of another schedule.

        lr(t) = of.lr(t + by)

    by: number of updates to skip, 0 or more.
    of: the schedule.

    Gluon's Trainer calls a scheduler with 1 at its first update. So mxnet's PolyScheduler, CosineScheduler and every
    warm-up apply a shift by 1. Its FactorScheduler and MultiFactorScheduler do not, since they compare with `>`.

    >>> from frameworks.schedule import Polynomial
    >>> Shift(by=1, of=Polynomial(base_lr=1.0, power=1, updates=4)).lr(0)
    0.75
    """

    kind: Literal["shift"] = "shift"
    by: CountFromZero
    of: Schedule
    example = {"by": 1, "of": {"kind": "polynomial", "base_lr": 0.5, "power": 2.0, "updates": 30}}

    def _compute_at(self, t: int) -> float:
        return self.of._compute_at(t + self.by)

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        return self.of._compute_over(t + self.by)

    @property
    def horizon(self) -> int:
        """Return the horizon of `of`, earlier by `by`, but not below 0."""
        return max(0, self.of.horizon - self.by)

    @property
    def largest(self) -> float:
        """Return the bound of `of`."""
        return self.of.largest


class Hold(ScheduleModel):
    """Holds each rate of another schedule for `updates` updates, for example for one epoch.

        lr(t) = of.lr(floor(t / updates))

    updates: updates for each rate, 1 or more; with 235, updates 0 to 234 apply of.lr(0), and update 235 applies
      of.lr(1).
    of: the schedule.

    >>> from frameworks.schedule import MultiFactor
    >>> epochs = Hold(updates=235, of=MultiFactor(base_lr=0.5, factor=0.5, milestones=[1]))
    >>> epochs.lr(234), epochs.lr(235)
    (0.5, 0.25)
    """

    kind: Literal["hold"] = "hold"
    updates: Count
    of: Schedule
    example = {"updates": 10, "of": {"kind": "multi_factor", "base_lr": 0.5, "factor": 0.5, "milestones": [2, 4]}}

    def _compute_at(self, t: int) -> float:
        return self.of._compute_at(t // self.updates)

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        return self.of._compute_over(t // self.updates)

    @property
    def horizon(self) -> int:
        """Return the horizon of `of`, in updates."""
        return self.of.horizon * self.updates

    @property
    def largest(self) -> float:
        """Return the bound of `of`."""
        return self.of.largest
