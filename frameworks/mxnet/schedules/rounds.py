"""Computes repeat and cosine restarts in Gluon."""

from __future__ import annotations

from mxnet.lr_scheduler import CosineScheduler

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.schedule import CosineRestarts, Repeat


@rule.register
def repeat(schedule: Repeat) -> Rule:
    """Gluon has none: its schedulers hold their last rate, and some cannot return their first rate after their end."""
    of, low = rule(schedule.of), schedule.min_lr
    if schedule.decay == 1:
        return lambda t: of(t % schedule.updates)

    def compute(t: int) -> float:
        height = schedule.decay ** (t // schedule.updates)
        return (1 - height) * low + height * of(t % schedule.updates)

    return compute


@rule.register
def cosine_restarts(schedule: CosineRestarts) -> Rule:
    """Based on CosineScheduler(max_update), a new one in each cycle. Differs: begins again, where the class ends.

    The warm-up is computed here: Gluon's warmup_begin_lr must not be above base_lr, but it is as soon as a peak has
    decreased below final_lr.

    See https://github.com/apache/mxnet/blob/1.9.1/python/mxnet/lr_scheduler.py#L238
    """
    base, low = schedule.base_lr, schedule.final_lr

    def compute(t: int) -> float:
        done, length = t // schedule.updates, schedule.updates
        within = t % schedule.updates
        if schedule.growth > 1:
            done, within = 0, t
            while within >= length:
                done, within, length = done + 1, within - length, length * schedule.growth
        if within < schedule.warmup:
            share = within / schedule.warmup
        else:
            share = CosineScheduler(length - schedule.warmup, base_lr=1.0)(within - schedule.warmup)
        height = schedule.decay**done
        if schedule.sinks == "peak":
            return (1 - share) * low + share * base * height
        return low + share * (base - low) * height

    return compute
