"""Polynomial cycle, for PyTorch."""

from __future__ import annotations

import math

from frameworks.schedule import PolynomialCycle
from frameworks.torch.schedules.rule import Rule, rule


@rule.register
def polynomial_cycle(schedule: PolynomialCycle) -> Rule:
    """Based on PolynomialLR(total_iters, power). Differs: goes on at its end, from a higher rate; ends at any rate.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L1237
    """
    rise = schedule.base_lr - schedule.final_lr

    def ask(t: int) -> float:
        over = t % schedule.updates or min(t, schedule.updates)  # what of this round has passed: all of it at its end
        end = t - over + schedule.updates
        return schedule.final_lr + rise * math.pow((end - t) / end, schedule.power)

    return ask
