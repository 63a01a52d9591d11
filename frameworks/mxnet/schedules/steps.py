"""Constant, factor and multi-factor, for Gluon."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from mxnet.lr_scheduler import FactorScheduler, LRScheduler, MultiFactorScheduler

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.schedule import Constant, Factor, MultiFactor

#: A factor up to .95 makes a rate of 1e37 smaller than every float32 in fewer drops than this.
DROPS_TO_NOTHING = 4000


@rule.register
def constant(schedule: Constant) -> Rule:
    """Gluon has no scheduler for this: a Trainer without one keeps its learning_rate."""
    return lambda t: schedule.base_lr


@rule.register
def factor(schedule: Factor) -> Rule:
    """Based on FactorScheduler(step, factor, stop_factor_lr, base_lr). Differs: asked for an earlier one, it answers.

    The built-in raises no rate back, so a scheduler that has been plotted starts training at the plot's last rate.
    It multiplies again and again; for a factor so near 1 that this drifts from the power, the power is taken.
    """
    if not multiplies_exactly(schedule.factor):
        return lambda t: max(schedule.min_lr, schedule.base_lr * schedule.factor ** (t // schedule.every))
    last = DROPS_TO_NOTHING * schedule.every  # the built-in walks there drop by drop
    native = rewound(lambda: FactorScheduler(
        schedule.every, schedule.factor, stop_factor_lr=schedule.min_lr, base_lr=schedule.base_lr))
    return lambda t: native(min(t, last) + 1)


@rule.register
def multi_factor(schedule: MultiFactor) -> Rule:
    """Based on MultiFactorScheduler(step, factor, base_lr). Differs: asked for an earlier update, it answers."""
    if not multiplies_exactly(schedule.factor, len(schedule.milestones)):
        return lambda t: schedule.base_lr * schedule.factor ** bisect_right(schedule.milestones, t)
    native = rewound(lambda: MultiFactorScheduler(
        list(schedule.milestones), schedule.factor, base_lr=schedule.base_lr))
    return lambda t: native(t + 1)


def multiplies_exactly(factor: float, drops: float = float("inf")) -> bool:
    """Whether n multiplications by the factor stay within 8 * 2^-53 of the first rate.

    Each of them, and both roundings of the power it is compared with, adds at most 2^-53 of the rate reached by then:
    (n + 2) * factor^n, which is below 8 for every n up to a factor of .95, and for every factor up to 6 drops.
    """
    return factor <= 0.95 or factor == 1 or drops <= 6


def rewound(make: Callable[[], LRScheduler]) -> Callable[[int], float]:
    """Call a scheduler that only ever goes forward; for a number before its last one, start it again."""
    native, last = make(), 0

    def ask(num_update: int) -> float:
        nonlocal native, last
        if num_update < last:
            native = make()
        last = num_update
        return native(num_update)

    return ask
