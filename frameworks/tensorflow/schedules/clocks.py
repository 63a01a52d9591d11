"""Computes shift and hold in Keras."""

from __future__ import annotations

from frameworks.schedule import Hold, Shift
from frameworks.tensorflow.schedules.rule import Rule, rule


@rule.register
def shift(schedule: Shift) -> Rule:
    """Keras has none; an optimizer's `iterations` may be assigned, but it also counts the updates made."""
    of = rule(schedule.of)
    return lambda t: of(t + schedule.by)


@rule.register
def hold(schedule: Hold) -> Rule:
    """Keras has the callback LearningRateScheduler, which restarts at every `fit`; a schedule does not."""
    of = rule(schedule.of)
    return lambda t: of(t // schedule.updates)
