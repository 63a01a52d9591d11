"""Computes polynomial cycle in Gluon."""

from __future__ import annotations

from mxnet.lr_scheduler import PolyScheduler

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.schedule import PolynomialCycle


@rule.register
def polynomial_cycle(schedule: PolynomialCycle) -> Rule:
    """Based on PolyScheduler(max_update, base_lr, pwr, final_lr). Differs: never ends; continues with a longer one.

    A power below 1 is computed here, since it would enlarge the error of 1 - t / max_update near an end, and most near
    late ends.

    See https://github.com/apache/mxnet/blob/1.9.1/python/mxnet/lr_scheduler.py#L190
    """
    base, final, power = schedule.base_lr, schedule.final_lr, schedule.power

    def compute(t: int) -> float:
        end = schedule.updates * ((t + schedule.updates - 1) // schedule.updates or 1)
        if power < 1:
            return final + (base - final) * ((end - t) / end) ** power
        return PolyScheduler(end, base, power, final)(t)

    return compute
