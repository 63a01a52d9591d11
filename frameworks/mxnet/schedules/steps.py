"""Computes constant, factor and multi-factor in Gluon.

FactorScheduler and MultiFactorScheduler only move forward: a scheduler that has been plotted starts a training at the
last rate of the plot. Each of their multiplications rounds, so their rates drift from the power. Therefore, before each
call, their state is set to the exact one after the previous update. They decide whether this update drops the rate.
"""

from __future__ import annotations

from bisect import bisect_right

from mxnet.lr_scheduler import FactorScheduler, MultiFactorScheduler

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.schedule import Constant, Factor, MultiFactor


@rule.register
def constant(schedule: Constant) -> Rule:
    """Gluon has none: a Trainer without a scheduler keeps its learning_rate."""
    return lambda t: schedule.base_lr


@rule.register
def factor(schedule: Factor) -> Rule:
    """Based on FactorScheduler(step, factor, stop_factor_lr, base_lr). Differs: may be called for any update.

    See https://github.com/apache/mxnet/blob/1.9.1/python/mxnet/lr_scheduler.py#L86
    """
    native = FactorScheduler(
        schedule.every, schedule.factor, stop_factor_lr=schedule.min_lr, base_lr=schedule.base_lr)
    return lambda t: ask_factor(native, schedule, t)


@rule.register
def multi_factor(schedule: MultiFactor) -> Rule:
    """Based on MultiFactorScheduler(step, factor, base_lr). Differs: may be called for any update.

    See https://github.com/apache/mxnet/blob/1.9.1/python/mxnet/lr_scheduler.py#L131
    """
    native = MultiFactorScheduler(list(schedule.milestones), schedule.factor, base_lr=schedule.base_lr)
    return lambda t: ask_multi_factor(native, schedule, t)


def ask_factor(native: FactorScheduler, schedule: Factor, t: int) -> float:
    """Return the rate after `t` updates: that of update t + 1 of the class."""
    drops = max(t - 1, 0) // schedule.every
    native.count = drops * schedule.every
    native.base_lr = max(schedule.min_lr, schedule.base_lr * schedule.factor**drops)
    return native(t + 1)


def ask_multi_factor(native: MultiFactorScheduler, schedule: MultiFactor, t: int) -> float:
    """Return the rate after `t` updates: that of update t + 1 of the class."""
    native.cur_step_ind = bisect_right(schedule.milestones, max(t - 1, 0))
    native.base_lr = schedule.base_lr * schedule.factor**native.cur_step_ind
    return native(t + 1)
