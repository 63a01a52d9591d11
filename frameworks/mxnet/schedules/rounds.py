"""Repeat and cosine restarts, for Gluon."""

from __future__ import annotations

from mxnet.lr_scheduler import CosineScheduler

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.schedule import CosineRestarts, Repeat


@rule.register
def repeat(schedule: Repeat) -> Rule:
    """Gluon has none: its schedulers hold their last rate, and some that have ended cannot be asked for the first."""
    of, low = rule(schedule.of), schedule.min_lr
    if schedule.decay == 1:
        return lambda t: of(t % schedule.updates)

    def ask(t: int) -> float:
        sunk = schedule.decay ** (t // schedule.updates)
        return (1 - sunk) * low + sunk * of(t % schedule.updates)

    return ask


@rule.register
def cosine_restarts(schedule: CosineRestarts) -> Rule:
    """Based on CosineScheduler(max_update), a new one each round. Differs: it begins again, where a Trainer's ends.

    The warm-up is made here: warmup_begin_lr may not be above base_lr, as it is once a peak has sunk below final_lr.

    See https://github.com/apache/mxnet/blob/1.9.1/python/mxnet/lr_scheduler.py#L238
    """
    base, low = schedule.base_lr, schedule.final_lr

    def ask(t: int) -> float:
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
        sunk = schedule.decay**done
        if schedule.sinks == "peak":
            return (1 - share) * low + share * base * sunk
        return low + share * (base - low) * sunk

    return ask
