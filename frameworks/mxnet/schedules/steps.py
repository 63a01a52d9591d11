"""Constant, factor and multi-factor, for Gluon.

FactorScheduler and MultiFactorScheduler only go forward: a scheduler that has been plotted starts training at the last
rate of the plot. And they multiply again and again, which drifts from the power by one rounding after the other. So
before each call they are put where the previous update has left an exact one; whether this update drops the rate is
theirs to decide.
"""

from __future__ import annotations

from bisect import bisect_right

from mxnet.lr_scheduler import FactorScheduler, MultiFactorScheduler

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.schedule import Constant, Factor, MultiFactor


@rule.register
def constant(schedule: Constant) -> Rule:
    """Gluon has no scheduler for this: a Trainer without one keeps its learning_rate."""
    return lambda t: schedule.base_lr


@rule.register
def factor(schedule: Factor) -> Rule:
    """Based on FactorScheduler(step, factor, stop_factor_lr, base_lr). Differs: any update may be asked for.

    See https://github.com/apache/mxnet/blob/1.9.1/python/mxnet/lr_scheduler.py#L86
    """
    native = FactorScheduler(
        schedule.every, schedule.factor, stop_factor_lr=schedule.min_lr, base_lr=schedule.base_lr)
    return lambda t: ask_factor(native, schedule, t)


@rule.register
def multi_factor(schedule: MultiFactor) -> Rule:
    """Based on MultiFactorScheduler(step, factor, base_lr). Differs: any update may be asked for.

    See https://github.com/apache/mxnet/blob/1.9.1/python/mxnet/lr_scheduler.py#L131
    """
    native = MultiFactorScheduler(list(schedule.milestones), schedule.factor, base_lr=schedule.base_lr)
    return lambda t: ask_multi_factor(native, schedule, t)


def ask_factor(native: FactorScheduler, schedule: Factor, t: int) -> float:
    """Return the rate of the update that `t` others precede, the built-in's update number t + 1."""
    drops = max(t - 1, 0) // schedule.every
    native.count = drops * schedule.every
    native.base_lr = max(schedule.min_lr, schedule.base_lr * schedule.factor**drops)
    return native(t + 1)


def ask_multi_factor(native: MultiFactorScheduler, schedule: MultiFactor, t: int) -> float:
    """Return the rate of the update that `t` others precede, the built-in's update number t + 1."""
    native.cur_step_ind = bisect_right(schedule.milestones, max(t - 1, 0))
    native.base_lr = schedule.base_lr * schedule.factor**native.cur_step_ind
    return native(t + 1)
