"""Computes scale and clamp in PyTorch."""

from __future__ import annotations

from frameworks.schedule import Clamp, Scale
from frameworks.torch.schedules.rule import Rule, rule


@rule.register
def scale(schedule: Scale) -> Rule:
    """torch has only the rates of parameter groups; here the factor is for all groups."""
    of = rule(schedule.of)
    return lambda t: schedule.by * of(t)


@rule.register
def clamp(schedule: Clamp) -> Rule:
    """torch has none; of its classes that decay, only CosineAnnealingLR has a lower limit, eta_min."""
    of = rule(schedule.of)
    return lambda t: min(max(of(t), schedule.min_lr), schedule.max_lr)
