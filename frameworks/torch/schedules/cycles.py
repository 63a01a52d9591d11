"""Computes polynomial cycle in PyTorch."""

from __future__ import annotations

import math

from frameworks.schedule import PolynomialCycle
from frameworks.torch.schedules.rule import Rule, rule


@rule.register
def polynomial_cycle(schedule: PolynomialCycle) -> Rule:
    """Based on PolynomialLR(total_iters, power). Differs: continues at its end, from a higher rate; ends at any rate.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L1237
    """
    height = schedule.base_lr - schedule.final_lr

    def compute(t: int) -> float:
        passed = t % schedule.updates or min(t, schedule.updates)  # of this cycle: all its updates at its end
        end = t - passed + schedule.updates
        return schedule.final_lr + height * math.pow((end - t) / end, schedule.power)

    return compute
