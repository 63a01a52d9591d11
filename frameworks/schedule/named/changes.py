"""Defines delay and override, in which a schedule begins later.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from frameworks.schedule.clocks import Shift
from frameworks.schedule.fields import Count, CountFromZero
from frameworks.schedule.named.base import Named
from frameworks.schedule.phases import Sequence, Warmup

if TYPE_CHECKING:
    from frameworks.schedule.union import Schedule


class Delay(Named):
    """Holds the first rate of another schedule for some updates, then follows it.

        lr(t) = of.lr(max(0, t - by))

    by: number of updates, 0 or more; update `by` applies of.lr(0), as all updates before it.
    of: the schedule.

    Composed of a constant warm-up at of.lr(0). The opposite of shift.
    Source: "flat, then anneal", fastai's fit_flat_cos; ignite's schedulers with a start after the first iteration.

    >>> from frameworks.schedule import Linear
    >>> late = Delay(by=3, of=Linear(base_lr=1.0, updates=4))
    >>> late.lr(0), late.lr(3), late.lr(4), late.lr(7)
    (1.0, 1.0, 0.75, 0.0)
    """

    kind: Literal["delay"] = "delay"
    by: CountFromZero
    of: Schedule
    example = {"by": 15, "of": {"kind": "cosine", "base_lr": 0.3, "final_lr": 0.01, "updates": 25}}

    def _compose(self) -> Schedule:
        if not self.by:
            return self.of
        return Warmup(updates=self.by, begin_lr=self.of._compute_at(0), mode="constant", then=self.of)


class Override(Named):
    """Follows `of` before update `at`, and `then` from update `at` on.

        t < at:                     lr(t) = of.lr(t)
        t >= at, clock "restart":   lr(t) = then.lr(t - at)
        t >= at, clock "keep":      lr(t) = then.lr(t)

    of: the schedule before update `at`.
    at: the first update of `then`, 1 or more.
    then: the schedule from update `at` on.
    clock: "restart", where `then` begins at its `t = 0`, or "keep", where it continues from `t` (default: "restart").

    Composed of a sequence.
    Source: a run that continues from a checkpoint with another schedule. The clock is kept where the optimizer's count
      continues (Keras, Gluon, optax), and restarts with a new torch scheduler.

    >>> from frameworks.schedule import Constant, Linear
    >>> line = Linear(base_lr=1.0, updates=4)
    >>> [Override(of=Constant(base_lr=0.5), at=2, then=line, clock=clock).lr(2) for clock in ("restart", "keep")]
    [1.0, 0.5]
    """

    kind: Literal["override"] = "override"
    of: Schedule
    at: Count
    then: Schedule
    clock: Literal["restart", "keep"] = "restart"
    example = {"of": {"kind": "cosine", "base_lr": 0.3, "final_lr": 0.01, "updates": 40}, "at": 20,
               "then": {"kind": "multi_factor", "base_lr": 0.1, "factor": 0.1, "milestones": [15]}}

    def _compose(self) -> Schedule:
        after = self.then if self.clock == "restart" else Shift(by=self.at, of=self.then)
        return Sequence(parts=[self.of, after], boundaries=[self.at])
