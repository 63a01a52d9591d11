"""Scale and clamp, for PyTorch."""

from __future__ import annotations

from frameworks.schedule import Clamp, Scale
from frameworks.torch.schedules.rule import Rule, rule


@rule.register
def scale(schedule: Scale) -> Rule:
    """torch has the rates of parameter groups for this; here it is for all of them."""
    of = rule(schedule.of)
    return lambda t: schedule.by * of(t)


@rule.register
def clamp(schedule: Clamp) -> Rule:
    """torch's decaying classes have no floor, but for CosineAnnealingLR's eta_min."""
    of = rule(schedule.of)
    return lambda t: min(max(of(t), schedule.min_lr), schedule.max_lr)
