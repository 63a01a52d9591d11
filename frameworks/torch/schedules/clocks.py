"""Computes shift and hold in PyTorch."""

from __future__ import annotations

from frameworks.schedule import Hold, Shift
from frameworks.torch.schedules.rule import Rule, rule


@rule.register
def shift(schedule: Shift) -> Rule:
    """torch has only `last_epoch=by`, for resuming; a shift counts from there."""
    of = rule(schedule.of)
    return lambda t: of(t + schedule.by)


@rule.register
def hold(schedule: Hold) -> Rule:
    """torch has none: users call `scheduler.step()` once per epoch; here it is called after every update."""
    of = rule(schedule.of)
    return lambda t: of(t // schedule.updates)
