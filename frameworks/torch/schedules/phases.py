"""Warm-up and sequence, for PyTorch."""

from __future__ import annotations

from bisect import bisect_right

from frameworks.schedule import Sequence, Warmup
from frameworks.torch.schedules.rule import Rule, rule


@rule.register
def warmup(schedule: Warmup) -> Rule:
    """Based on SequentialLR([LinearLR or ConstantLR, ...], [updates]). Differs: may start at 0, may keep the clock.

    LinearLR refuses to start at 0; SequentialLR always restarts the clock.
    """
    then = rule(schedule.then)
    peak = then(0) if schedule.peak_lr is None else schedule.peak_lr
    start = schedule.updates if schedule.clock == "restart" else 0

    def ask(t: int) -> float:
        if t >= schedule.updates:
            return then(t - start)
        if schedule.mode == "constant":
            return schedule.begin_lr
        return schedule.begin_lr + (peak - schedule.begin_lr) * t / schedule.updates

    return ask


@rule.register
def sequence(schedule: Sequence) -> Rule:
    """Based on SequentialLR(schedulers, milestones). Differs: its parts compute no rate from the previous one."""
    parts = [rule(part) for part in schedule.parts]
    starts = (0, *schedule.boundaries)

    def ask(t: int) -> float:
        part = bisect_right(schedule.boundaries, t)
        return parts[part](t - starts[part])

    return ask
