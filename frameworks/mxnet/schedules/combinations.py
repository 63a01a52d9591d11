"""Computes sum, product, minimum and maximum in Gluon."""

from __future__ import annotations

import math

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.schedule import Maximum, Minimum, Product, Sum


@rule.register
def sum(schedule: Sum) -> Rule:
    """Gluon has none. A scheduler is a function of the update, and so is the sum of two."""
    first, *others = (rule(member) for member in schedule.of)

    def compute(t: int) -> float:
        rate = first(t)
        for other in others:  # from Python 3.12, the built-in sum computes with more digits than float64
            rate += other(t)
        return rate

    return compute


@rule.register
def product(schedule: Product) -> Rule:
    """Gluon has only a constant `lr_mult` per parameter; here both factors change with the update."""
    factors = [rule(member) for member in schedule.of]
    return lambda t: math.prod(factor(t) for factor in factors)


@rule.register
def minimum(schedule: Minimum) -> Rule:
    """Gluon has none; the rates of PolyScheduler and CosineScheduler are limited only by their base_lr."""
    members = [rule(member) for member in schedule.of]
    return lambda t: min(member(t) for member in members)


@rule.register
def maximum(schedule: Maximum) -> Rule:
    """Gluon has only FactorScheduler's stop_factor_lr, a constant; here the minimum may change."""
    members = [rule(member) for member in schedule.of]
    return lambda t: max(member(t) for member in members)
