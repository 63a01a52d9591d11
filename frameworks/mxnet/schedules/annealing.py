"""Computes annealing and power law in Gluon."""

from __future__ import annotations

import math

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.schedule import Annealing, PowerLaw


@rule.register
def annealing(schedule: Annealing) -> Rule:
    """Based on PolyScheduler and CosineScheduler. Differs: two exponents, any length, may begin inside the curve.

    Computes the passed part y of the curve and the part that is left, and uses the smaller one. Otherwise 1 - y of a y
    near 1, and 1 - (1 - y) of a y near 0, would lose digits.

    See https://github.com/apache/mxnet/blob/1.9.1/python/mxnet/lr_scheduler.py#L190
    """
    base, final = schedule.base_lr, schedule.final_lr

    def compute(t: int) -> float:
        passed = t + schedule.elapsed
        if passed >= schedule.updates:
            return final
        y, left = passed / schedule.updates, (schedule.updates - passed) / schedule.updates
        if y == 0:
            return base
        if schedule.elapsed_power != 1:
            left = -math.expm1(schedule.elapsed_power * _log(y, left))
            y = y ** schedule.elapsed_power if left > 0.5 else 1 - left
        if schedule.shape == "exponential":
            return base * (final / base) ** y if y < left else final * (base / final) ** left
        if schedule.shape == "cosine":
            y, left = math.sin(math.pi * y / 2) ** 2, math.sin(math.pi * left / 2) ** 2
        if schedule.power != 1:
            logs = schedule.power * _log(left, y)
            y, left = -math.expm1(logs), math.exp(logs)
        return base + (final - base) * y if base < final else final + (base - final) * left

    return compute


@rule.register
def power_law(schedule: PowerLaw) -> Rule:
    """Gluon has none. Uses log1p, since 1 + t / timescale loses digits of t / timescale."""
    return lambda t: schedule.base_lr * math.exp(-math.log1p(t / schedule.timescale) * schedule.power)


def _log(part: float, rest: float) -> float:
    """Return the logarithm of a part of 1, from the rest if that is smaller."""
    return math.log1p(-rest) if rest <= part else math.log(part)
