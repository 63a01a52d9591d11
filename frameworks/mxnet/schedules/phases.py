"""Warm-up and sequence, for Gluon."""

from __future__ import annotations

import math
from bisect import bisect_right

from mxnet.lr_scheduler import CosineScheduler, FactorScheduler, MultiFactorScheduler, PolyScheduler

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.mxnet.schedules.steps import ask_factor, ask_multi_factor
from frameworks.schedule import Cosine, Factor, MultiFactor, Polynomial, Sequence, Warmup


@rule.register
def warmup(schedule: Warmup) -> Rule:
    """Based on the warm-up arguments of the four built-ins. Differs: applied from 0 on, not from 1; over any schedule.

    In CosineScheduler and PolyScheduler max_update is the end of everything, warm-up included, and their clock restarts
    after it. FactorScheduler and MultiFactorScheduler count the updates of the warm-up too: clock "keep".
    """
    native = _built_in(schedule)
    if native is not None:
        return native
    then = rule(schedule.then)
    peak = then(0) if schedule.peak_lr is None else schedule.peak_lr
    warm = rising(schedule, peak)
    start = schedule.updates if schedule.clock == "restart" else 0

    return lambda t: then(t - start) if t >= schedule.updates else warm(t)


def _built_in(schedule: Warmup) -> Rule | None:
    then, steps = schedule.then, schedule.updates
    if schedule.mode not in ("linear", "constant") or not isinstance(then, Factor | MultiFactor | Polynomial | Cosine):
        return None
    if schedule.begin_lr > then.base_lr or schedule.peak_lr not in (None, then.base_lr):
        return None  # "Base lr has to be higher than warmup_begin_lr", and is where the line points
    given = {"base_lr": then.base_lr, "warmup_steps": steps,
             "warmup_begin_lr": schedule.begin_lr, "warmup_mode": schedule.mode}
    if schedule.clock == "restart":
        if isinstance(then, Polynomial):
            poly = PolyScheduler(steps + then.updates, pwr=then.power, final_lr=then.final_lr, **given)
            return lambda t: poly(min(t, poly.max_update))
        if isinstance(then, Cosine):
            cosine = CosineScheduler(steps + then.updates, final_lr=then.final_lr, **given)
            return lambda t: cosine(min(t, cosine.max_update))
    elif isinstance(then, Factor):
        factor = FactorScheduler(then.every, then.factor, stop_factor_lr=then.min_lr, **given)
        return lambda t: factor(t) if t < steps else ask_factor(factor, then, t)
    elif isinstance(then, MultiFactor):
        multi_factor = MultiFactorScheduler(list(then.milestones), then.factor, **given)
        return lambda t: multi_factor(t) if t < steps else ask_multi_factor(multi_factor, then, t)
    return None


def rising(schedule: Warmup, peak: float) -> Rule:
    """Gluon's warmup_mode has the first and the last; what it is not given it cannot take for another."""
    begin, updates, power = schedule.begin_lr, schedule.updates, schedule.power
    rise = peak - begin
    if schedule.mode == "linear":
        return lambda t: begin + rise * t / updates
    if power is not None:  # "polynomial"
        return lambda t: begin + rise * (t / updates) ** power
    if schedule.mode == "cosine":
        return lambda t: begin + rise * math.sin(math.pi / 2 * (t / updates)) ** 2
    if schedule.mode == "exponential":
        return lambda t: begin * (peak / begin) ** (t / updates)
    return lambda t: begin


@rule.register
def sequence(schedule: Sequence) -> Rule:
    """Gluon has none; GluonCV's LRSequential is based on lengths instead of boundaries."""
    parts = [rule(part) for part in schedule.parts]
    starts = (0, *schedule.boundaries)

    def ask(t: int) -> float:
        part = bisect_right(schedule.boundaries, t)
        return parts[part](t - starts[part])

    return ask
