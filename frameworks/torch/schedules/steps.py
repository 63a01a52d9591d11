"""Computes constant, factor and multi-factor in PyTorch."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LRScheduler,
    MultiStepLR,
    StepLR,
)

from frameworks.schedule import Constant, Exponential, Factor, Hold, MultiFactor, Schedule
from frameworks.torch.schedules.rounds import find_cosine_restarts
from frameworks.torch.schedules.rule import Rule, rule


@rule.register
def constant(schedule: Constant) -> Rule:
    """torch has ConstantLR(factor=1), which is exact."""
    return lambda t: schedule.base_lr


@rule.register
def factor(schedule: Factor) -> Rule:
    """Based on StepLR(step_size, gamma), exact up to a factor of .95. Differs: has a lower limit.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L592
    """
    return lambda t: max(schedule.min_lr, schedule.base_lr * schedule.factor ** (t // schedule.every))


@rule.register
def multi_factor(schedule: MultiFactor) -> Rule:
    """Based on MultiStepLR(milestones, gamma), exact up to a factor of .95. Differs: uses the power of larger factors.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L679
    """
    return lambda t: schedule.base_lr * schedule.factor ** bisect_right(schedule.milestones, t)


def is_product_exact(factor: float, drops: float = float("inf")) -> bool:
    """Return whether n multiplications by the factor, up to `drops`, stay within 8 * 2^-53 of the first rate.

    The power that it is compared with is rounded twice. Each multiplication and each rounding adds at most 2^-53 of the
    rate reached by then, in sum `(n + 2) * factor^n`. This is below 8 for every n up to a factor of .95, and for every
    factor up to 6 drops.
    """
    return factor <= 0.95 or factor == 1 or drops <= 6


def find_built_in(schedule: Schedule) -> tuple[type[LRScheduler], float, dict[str, Any]] | None:
    """Return the built-in class that is exact for a schedule, its base rate and its arguments; None without one.

    A built-in class has one step per update, so a hold (per epoch) multiplies its counts. Three classes are not exact.
    LinearLR rejects a start at 0, and multiplies rounded rates. PolynomialLR multiplies the previous rate.
    CosineAnnealingLR computes each rate from the previous one, and increases again past its end.
    """
    if isinstance(schedule, Exponential) and schedule.updates == 1 and is_product_exact(schedule.factor):
        return ExponentialLR, schedule.base_lr, {"gamma": schedule.factor}
    if (cycles := find_cosine_restarts(schedule)) is not None:
        return CosineAnnealingWarmRestarts, cycles.base_lr, {
            "T_0": cycles.updates, "T_mult": cycles.growth, "eta_min": cycles.final_lr}
    updates = 1
    while isinstance(schedule, Hold):
        schedule, updates = schedule.of, updates * schedule.updates
    if isinstance(schedule, Constant):
        return ConstantLR, schedule.base_lr, {"factor": 1.0}
    if isinstance(schedule, Factor) and schedule.min_lr == 0 and is_product_exact(schedule.factor):
        return StepLR, schedule.base_lr, {"step_size": schedule.every * updates, "gamma": schedule.factor}
    if isinstance(schedule, MultiFactor) and is_product_exact(schedule.factor, len(schedule.milestones)):
        return MultiStepLR, schedule.base_lr, {
            "milestones": [step * updates for step in schedule.milestones], "gamma": schedule.factor}
    return None
