"""Scale and clamp, for Gluon."""

from __future__ import annotations

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.schedule import Clamp, Scale


@rule.register
def scale(schedule: Scale) -> Rule:
    """Gluon multiplies per parameter, by its lr_mult; this is for all of them."""
    of = rule(schedule.of)
    return lambda t: schedule.by * of(t)


@rule.register
def clamp(schedule: Clamp) -> Rule:
    """Gluon has a floor only, FactorScheduler's stop_factor_lr."""
    of = rule(schedule.of)
    return lambda t: min(max(of(t), schedule.min_lr), schedule.max_lr)
