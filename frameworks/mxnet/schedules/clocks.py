"""Computes shift and hold in Gluon."""

from __future__ import annotations

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.schedule import Hold, Shift


@rule.register
def shift(schedule: Shift) -> Rule:
    """Gluon has none; alone in a Trainer, PolyScheduler, CosineScheduler and every warm-up are shifted by 1."""
    of = rule(schedule.of)
    return lambda t: of(t + schedule.by)


@rule.register
def hold(schedule: Hold) -> Rule:
    """Gluon has none: it calls a scheduler with updates, never with epochs, so the division computes the epoch.

    In a line of MXNet's log such as "Update[3]: Change learning rate", 3 is then an epoch, counted from 1.
    """
    of = rule(schedule.of)
    return lambda t: of(t // schedule.updates)
