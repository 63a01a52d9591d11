"""Computes warm-up and sequence in Gluon."""

from __future__ import annotations

import math
from bisect import bisect_right

from mxnet.lr_scheduler import CosineScheduler, FactorScheduler, MultiFactorScheduler, PolyScheduler

from frameworks.mxnet.schedules.rule import Rule, rule
from frameworks.mxnet.schedules.steps import ask_factor, ask_multi_factor
from frameworks.schedule import Cosine, Factor, MultiFactor, Polynomial, Sequence, Warmup


@rule.register
def warmup(schedule: Warmup) -> Rule:
    """Based on the warm-up arguments of the four classes. Differs: applied from 0, not from 1; before any schedule.

    In CosineScheduler and PolyScheduler max_update includes the warm-up, and their clock restarts after the warm-up.
    FactorScheduler and MultiFactorScheduler count the updates of the warm-up too: clock "keep".
    """
    built_in = _find_built_in(schedule)
    if built_in is not None:
        return built_in
    then = rule(schedule.then)
    peak = then(0) if schedule.peak_lr is None else schedule.peak_lr
    warm = build_warmup(schedule, peak)
    start = schedule.updates if schedule.clock == "restart" else 0

    return lambda t: then(t - start) if t >= schedule.updates else warm(t)


def _find_built_in(schedule: Warmup) -> Rule | None:
    then, steps = schedule.then, schedule.updates
    if schedule.mode not in ("linear", "constant") or not isinstance(then, Factor | MultiFactor | Polynomial | Cosine):
        return None
    if schedule.begin_lr > then.base_lr or schedule.peak_lr not in (None, then.base_lr):
        return None  # "Base lr has to be higher than warmup_begin_lr"; a linear warm-up aims at it
    arguments = {"base_lr": then.base_lr, "warmup_steps": steps,
                 "warmup_begin_lr": schedule.begin_lr, "warmup_mode": schedule.mode}
    if schedule.clock == "restart":
        if isinstance(then, Polynomial):
            poly = PolyScheduler(steps + then.updates, pwr=then.power, final_lr=then.final_lr, **arguments)
            return lambda t: poly(min(t, poly.max_update))
        if isinstance(then, Cosine):
            cosine = CosineScheduler(steps + then.updates, final_lr=then.final_lr, **arguments)
            return lambda t: cosine(min(t, cosine.max_update))
    elif isinstance(then, Factor):
        factor = FactorScheduler(then.every, then.factor, stop_factor_lr=then.min_lr, **arguments)
        return lambda t: factor(t) if t < steps else ask_factor(factor, then, t)
    elif isinstance(then, MultiFactor):
        multi_factor = MultiFactorScheduler(list(then.milestones), then.factor, **arguments)
        return lambda t: multi_factor(t) if t < steps else ask_multi_factor(multi_factor, then, t)
    return None


def build_warmup(schedule: Warmup, peak: float) -> Rule:
    """Return the rates of a warm-up; Gluon's warmup_mode supports only "linear" and "constant"."""
    begin, updates, power = schedule.begin_lr, schedule.updates, schedule.power
    height = peak - begin
    if schedule.mode == "linear":
        return lambda t: begin + height * t / updates
    if power is not None:  # "polynomial"
        return lambda t: begin + height * (t / updates) ** power
    if schedule.mode == "cosine":
        return lambda t: begin + height * math.sin(math.pi / 2 * (t / updates)) ** 2
    if schedule.mode == "exponential":
        return lambda t: begin * (peak / begin) ** (t / updates)
    return lambda t: begin


@rule.register
def sequence(schedule: Sequence) -> Rule:
    """Gluon has none; GluonCV's LRSequential has lengths instead of boundaries."""
    parts = [rule(part) for part in schedule.parts]
    starts = (0, *schedule.boundaries)

    def compute(t: int) -> float:
        part = bisect_right(schedule.boundaries, t)
        return parts[part](t - starts[part])

    return compute
