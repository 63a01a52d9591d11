"""The named kinds that begin something later: delay, override.

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
    """Another schedule, begun later: its first rate until then.

    lr(t) = of.lr(max(0, t - by))

    by: updates, 0 or more; update `by` applies of.lr(0), as all before it did. Composed of a constant warm-up at
    of.lr(0), in which the schedule stands once. The opposite of shift. Source: "flat, then anneal", fastai's
    fit_flat_cos; ignite's schedulers with a start after the first iteration.

    >>> from frameworks.schedule import Linear
    >>> late = Delay(by=3, of=Linear(base_lr=1.0, updates=4))
    >>> late.lr(0), late.lr(3), late.lr(4), late.lr(7)
    (1.0, 1.0, 0.75, 0.0)
    """

    kind: Literal["delay"] = "delay"
    by: CountFromZero
    of: Schedule
    example = {"by": 15, "of": {"kind": "cosine", "base_lr": 0.3, "final_lr": 0.01, "updates": 25}}

    def _composition(self) -> Schedule:
        if not self.by:
            return self.of
        return Warmup(updates=self.by, begin_lr=self.of._at(0), mode="constant", then=self.of)


class Override(Named):
    """Another schedule, and from some update on a third.

    t < at:                     lr(t) = of.lr(t)
    t >= at, clock "restart":   lr(t) = then.lr(t - at)
    t >= at, clock "keep":      lr(t) = then.lr(t)

    at: updates, 1 or more; update `at` is the first that `then` decides. Composed of a sequence. Source: a run that
    goes on with another schedule from a checkpoint; "keep" is what a schedule given at the resumption applies if the
    optimizer's count goes on (Keras, Gluon, optax), "restart" if it is new (a new torch scheduler).

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

    def _composition(self) -> Schedule:
        after = self.then if self.clock == "restart" else Shift(by=self.at, of=self.then)
        return Sequence(parts=[self.of, after], boundaries=[self.at])
