"""Computes warm-up and sequence in PyTorch."""

from __future__ import annotations

import math
from bisect import bisect_right

from frameworks.schedule import Sequence, Warmup
from frameworks.torch.schedules.rule import Rule, rule


@rule.register
def warmup(schedule: Warmup) -> Rule:
    """Based on SequentialLR([LinearLR or ConstantLR, ...], [updates]). Differs: may start at 0, may keep the clock.

    LinearLR rejects a start at 0; SequentialLR always restarts the clock.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L1082
    """
    then = rule(schedule.then)
    peak = then(0) if schedule.peak_lr is None else schedule.peak_lr
    warm = build_warmup(schedule, peak)
    start = schedule.updates if schedule.clock == "restart" else 0

    return lambda t: then(t - start) if t >= schedule.updates else warm(t)


def build_warmup(schedule: Warmup, peak: float) -> Rule:
    """Return the rates of a warm-up; torch has LinearLR and ConstantLR, other modes need a LambdaLR."""
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
    """Based on SequentialLR(schedulers, milestones). Differs: its parts do not compute a rate from the previous one.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L1082
    """
    parts = [rule(part) for part in schedule.parts]
    starts = (0, *schedule.boundaries)

    def compute(t: int) -> float:
        part = bisect_right(schedule.boundaries, t)
        return parts[part](t - starts[part])

    return compute
