"""Computes inverse square root, inverse time, exponential, polynomial and cosine in Gluon."""

from __future__ import annotations

import math

from mxnet.lr_scheduler import CosineScheduler, PolyScheduler

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.schedule import Cosine, Exponential, InverseSquareRoot, InverseTime, Polynomial


@rule.register
def inverse_square_root(schedule: InverseSquareRoot) -> Rule:
    """Based on the chapter's SquareRootScheduler. Differs: divides `t` by a timescale."""
    return lambda t: schedule.base_lr * pow(t / schedule.timescale + 1.0, -0.5)


@rule.register
def inverse_time(schedule: InverseTime) -> Rule:
    """Gluon has none."""
    return lambda t: schedule.base_lr / (1.0 + t / schedule.timescale)


@rule.register
def exponential(schedule: Exponential) -> Rule:
    """Gluon has none: FactorScheduler multiplies every `step` updates. An increasing rate stops at max_lr."""
    if schedule.factor > 1:
        return _increase(schedule)
    return lambda t: schedule.base_lr * schedule.factor ** (t / schedule.updates)


@rule.register
def polynomial(schedule: Polynomial) -> Rule:
    """Based on PolyScheduler(max_update, base_lr, pwr, final_lr). Differs: applied from 0, not from 1.

    Called with max_update at most: a scheduler first called after max_update, as after a resume, returns base_lr.

    See https://github.com/apache/mxnet/blob/1.9.1/python/mxnet/lr_scheduler.py#L190
    """
    scheduler = PolyScheduler(schedule.updates, schedule.base_lr, schedule.power, schedule.final_lr)
    return lambda t: scheduler(min(t, schedule.updates))


@rule.register
def cosine(schedule: Cosine) -> Rule:
    """Based on CosineScheduler(max_update, base_lr, final_lr). Differs: applied from 0, not from 1.

    Called with max_update at most: a scheduler first called after max_update, as after a resume, returns base_lr.

    See https://github.com/apache/mxnet/blob/1.9.1/python/mxnet/lr_scheduler.py#L238
    """
    scheduler = CosineScheduler(schedule.updates, schedule.base_lr, schedule.final_lr)
    return lambda t: scheduler(min(t, schedule.updates))


def _increase(schedule: Exponential) -> Rule:
    """Return an increasing rate, up to max_lr. The exponent is limited, since large powers raise OverflowError."""
    base, highest, factor = schedule.base_lr, schedule.cap, schedule.factor
    limit = 2.0 + math.log(highest / base, factor) if base else 1.0
    return lambda t: min(highest, base * factor ** min(t / schedule.updates, limit))
