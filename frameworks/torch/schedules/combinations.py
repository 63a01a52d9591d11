"""Computes sum, product, minimum and maximum in PyTorch."""

from __future__ import annotations

import math

from frameworks.schedule import Maximum, Minimum, Product, Sum
from frameworks.torch.schedules.rule import Rule, rule


@rule.register
def sum(schedule: Sum) -> Rule:
    """torch has none. CyclicLR adds a cycle to its base_lr; a LambdaLR adds terms as shares of the initial rate."""
    first, *others = (rule(member) for member in schedule.of)

    def compute(t: int) -> float:
        rate = first(t)
        for other in others:  # from Python 3.12, the built-in sum computes with more digits than float64
            rate += other(t)
        return rate

    return compute


@rule.register
def product(schedule: Product) -> Rule:
    """Based on ChainedScheduler. Differs: multiplies the rates at t; the class changes the current rate step by step.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L1478
    """
    factors = [rule(member) for member in schedule.of]
    return lambda t: math.prod(factor(t) for factor in factors)


@rule.register
def minimum(schedule: Minimum) -> Rule:
    """torch has none: a scheduler overwrites the rate that another one wrote, even if that is smaller."""
    members = [rule(member) for member in schedule.of]
    return lambda t: min(member(t) for member in members)


@rule.register
def maximum(schedule: Maximum) -> Rule:
    """torch has none; CosineAnnealingLR's eta_min is the end of the curve, not a lower limit."""
    members = [rule(member) for member in schedule.of]
    return lambda t: max(member(t) for member in members)
