"""Polynomial cycle, for Gluon."""

from __future__ import annotations

from mxnet.lr_scheduler import PolyScheduler

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.schedule import PolynomialCycle


@rule.register
def polynomial_cycle(schedule: PolynomialCycle) -> Rule:
    """Based on PolyScheduler(max_update, base_lr, pwr, final_lr), a longer one after each end. Differs: never ends."""
    def ask(t: int) -> float:
        rounds = (t + schedule.updates - 1) // schedule.updates or 1
        return PolyScheduler(rounds * schedule.updates, schedule.base_lr, schedule.power, schedule.final_lr)(t)

    return ask
