"""Computes inverse square root, inverse time, exponential, polynomial and cosine in PyTorch."""

from __future__ import annotations

import math

from frameworks.schedule import Cosine, Exponential, InverseSquareRoot, InverseTime, Polynomial
from frameworks.torch.schedules.rule import Rule, rule


@rule.register
def inverse_square_root(schedule: InverseSquareRoot) -> Rule:
    """torch has none; it uses a LambdaLR, which multiplies the optimizer's initial rate."""
    return lambda t: schedule.base_lr / math.sqrt(1 + t / schedule.timescale)


@rule.register
def inverse_time(schedule: InverseTime) -> Rule:
    """torch has none; it uses a LambdaLR, which multiplies the optimizer's initial rate."""
    return lambda t: schedule.base_lr / (1 + t / schedule.timescale)


@rule.register
def exponential(schedule: Exponential) -> Rule:
    """Based on ExponentialLR(gamma), exact up to a factor of .95. Differs: uses the power, also over several updates.

    ExponentialLR increases without a limit; here the rate stops at max_lr, since large powers raise OverflowError.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L1007
    """
    if schedule.factor <= 1:
        return lambda t: schedule.base_lr * schedule.factor ** (t / schedule.updates)
    times = schedule.cap / schedule.base_lr if schedule.base_lr else 1
    passed = schedule.updates * (1 + math.log(times) / math.log(schedule.factor))

    def compute(t: int) -> float:
        if t > passed:
            return schedule.cap if schedule.base_lr else 0.0
        return min(schedule.base_lr * schedule.factor ** (t / schedule.updates), schedule.cap)

    return compute


@rule.register
def polynomial(schedule: Polynomial) -> Rule:
    """Based on PolynomialLR(total_iters, power). Differs: ends at any rate; uses the power, which does not drift.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L1237
    """
    height = schedule.base_lr - schedule.final_lr
    return lambda t: schedule.final_lr + height * (1 - min(t, schedule.updates) / schedule.updates) ** schedule.power


@rule.register
def cosine(schedule: Cosine) -> Rule:
    """Based on CosineAnnealingLR(T_max, eta_min). Differs: is held past its end, where the class increases again.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L1338
    """
    height = schedule.base_lr - schedule.final_lr
    return lambda t: (
        schedule.final_lr + height * (1 + math.cos(math.pi * min(t, schedule.updates) / schedule.updates)) / 2)
