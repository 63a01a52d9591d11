"""Computes scale and clamp in Gluon."""

from __future__ import annotations

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.schedule import Clamp, Scale


@rule.register
def scale(schedule: Scale) -> Rule:
    """Gluon has only the `lr_mult` of each parameter; here the factor is for all parameters."""
    of = rule(schedule.of)
    return lambda t: schedule.by * of(t)


@rule.register
def clamp(schedule: Clamp) -> Rule:
    """Gluon has only a lower limit, FactorScheduler's stop_factor_lr."""
    of = rule(schedule.of)
    return lambda t: min(max(of(t), schedule.min_lr), schedule.max_lr)
