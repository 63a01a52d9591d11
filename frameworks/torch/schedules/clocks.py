"""Shift, hold and repeat, for PyTorch."""

from __future__ import annotations

from frameworks.schedule import Hold, Repeat, Shift
from frameworks.torch.schedules.rule import Rule, rule


@rule.register
def shift(schedule: Shift) -> Rule:
    """torch has `last_epoch=by`, for resuming only; a shift counts on from there."""
    of = rule(schedule.of)
    return lambda t: of(t + schedule.by)


@rule.register
def hold(schedule: Hold) -> Rule:
    """torch users call `scheduler.step()` once an epoch for this; here it is called after every update."""
    of = rule(schedule.of)
    return lambda t: of(t // schedule.updates)


@rule.register
def repeat(schedule: Repeat) -> Rule:
    """Based on CosineAnnealingWarmRestarts(T_0), which is exact. Differs: over any schedule.

    CosineAnnealingLR and CyclicLR come round too, in 2 T_max and in step_size_up + step_size_down updates.
    """
    of = rule(schedule.of)
    return lambda t: of(t % schedule.updates)
