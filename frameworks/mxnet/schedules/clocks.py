"""Shift and hold, for Gluon."""

from __future__ import annotations

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.schedule import Hold, Shift


@rule.register
def shift(schedule: Shift) -> Rule:
    """Gluon's own count: by 1, its PolyScheduler, CosineScheduler and warm-up are what a Trainer applies of them."""
    of = rule(schedule.of)
    return lambda t: of(t + schedule.by)


@rule.register
def hold(schedule: Hold) -> Rule:
    """Gluon calls a scheduler with updates, never with epochs: the division makes epochs of them.

    In a line of MXNet's log such as "Update[3]: Change learning rate", 3 is then an epoch, from 1.
    """
    of = rule(schedule.of)
    return lambda t: of(t // schedule.updates)
