"""Polynomial cycle, for Gluon."""

from __future__ import annotations

from mxnet.lr_scheduler import PolyScheduler

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.schedule import PolynomialCycle


@rule.register
def polynomial_cycle(schedule: PolynomialCycle) -> Rule:
    """Based on PolyScheduler(max_update, base_lr, pwr, final_lr), a longer one after each end. Differs: never ends.

    A power below 1 makes much of what 1 - t / max_update loses near an end, the more the later: it is taken here.

    See https://github.com/apache/mxnet/blob/1.9.1/python/mxnet/lr_scheduler.py#L190
    """
    base, final, power = schedule.base_lr, schedule.final_lr, schedule.power

    def ask(t: int) -> float:
        end = schedule.updates * ((t + schedule.updates - 1) // schedule.updates or 1)
        if power < 1:
            return final + (base - final) * ((end - t) / end) ** power
        return PolyScheduler(end, base, power, final)(t)

    return ask
