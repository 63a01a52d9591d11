"""Sum, product, minimum and maximum, for PyTorch."""

from __future__ import annotations

import math

from frameworks.schedule import Maximum, Minimum, Product, Sum
from frameworks.torch.schedules.rule import Rule, rule


@rule.register
def sum(schedule: Sum) -> Rule:
    """torch has none: CyclicLR adds a cycle to its base_lr. In LambdaLR terms are added as shares of the first rate."""
    first, *rest = (rule(one) for one in schedule.of)

    def ask(t: int) -> float:
        rate = first(t)
        for one in rest:  # the built-in sum adds from Python 3.12 on with more than float64
            rate += one(t)
        return rate

    return ask


@rule.register
def product(schedule: Product) -> Rule:
    """Based on ChainedScheduler. Differs: multiplies what each gives at t, not one after another the running rate.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L1478
    """
    factors = [rule(one) for one in schedule.of]
    return lambda t: math.prod(one(t) for one in factors)


@rule.register
def minimum(schedule: Minimum) -> Rule:
    """torch has none: a scheduler overwrites what another one wrote, smaller or not."""
    members = [rule(one) for one in schedule.of]
    return lambda t: min(one(t) for one in members)


@rule.register
def maximum(schedule: Maximum) -> Rule:
    """torch has none; CosineAnnealingLR's eta_min is where the curve ends, not a floor."""
    members = [rule(one) for one in schedule.of]
    return lambda t: max(one(t) for one in members)
