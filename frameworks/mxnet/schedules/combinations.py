"""Sum, product, minimum and maximum, for Gluon."""

from __future__ import annotations

import math

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.schedule import Maximum, Minimum, Product, Sum


@rule.register
def sum(schedule: Sum) -> Rule:
    """Gluon has none: a scheduler is a function of the update, and so is the sum of two."""
    first, *rest = (rule(one) for one in schedule.of)

    def ask(t: int) -> float:
        rate = first(t)
        for one in rest:  # the built-in sum adds from Python 3.12 on with more than float64
            rate += one(t)
        return rate

    return ask


@rule.register
def product(schedule: Product) -> Rule:
    """Gluon multiplies per parameter, by a constant lr_mult; here both change with the update."""
    factors = [rule(one) for one in schedule.of]
    return lambda t: math.prod(one(t) for one in factors)


@rule.register
def minimum(schedule: Minimum) -> Rule:
    """Gluon has none: the cap of PolyScheduler and CosineScheduler is their own base_lr."""
    members = [rule(one) for one in schedule.of]
    return lambda t: min(one(t) for one in members)


@rule.register
def maximum(schedule: Maximum) -> Rule:
    """Gluon's one floor, FactorScheduler's stop_factor_lr, is a constant; this one may change."""
    members = [rule(one) for one in schedule.of]
    return lambda t: max(one(t) for one in members)
