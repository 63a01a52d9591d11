"""Computes repeat and cosine restarts in PyTorch."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import accumulate

from frameworks.schedule import Cosine, CosineRestarts, Repeat, Schedule
from frameworks.torch.schedules.rule import Rule, rule


@rule.register
def repeat(schedule: Repeat) -> Rule:
    """Based on CosineAnnealingWarmRestarts(T_0), which is exact. Differs: of any schedule; each cycle may be lower.

    CosineAnnealingLR and CyclicLR repeat too, after 2 T_max and step_size_up + step_size_down updates. CyclicLR's mode
    "triangular2" is a decay of 1/2 towards its base_lr.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L2105
    """
    of, low = rule(schedule.of), schedule.min_lr
    if schedule.decay == 1:
        return lambda t: of(t % schedule.updates)

    def compute(t: int) -> float:
        height = schedule.decay ** (t // schedule.updates)
        return height * of(t % schedule.updates) + low * (1 - height)

    return compute


@rule.register
def cosine_restarts(schedule: CosineRestarts) -> Rule:
    """Based on CosineAnnealingWarmRestarts(T_0, T_mult), which is exact. Differs: has a warm-up; peaks may decrease.

    The class counts the cycles as it steps. For any update, by `step(epoch)`, it computes the cycle by a logarithm,
    which is 1 off where some cycles begin.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L2105
    """
    base, low = schedule.base_lr, schedule.final_lr
    lengths = [schedule.updates * schedule.growth**done for done in range(64 if schedule.growth > 1 else 1)]
    starts = list(accumulate(lengths, initial=0))

    def compute(t: int) -> float:
        if schedule.growth == 1:
            (done, within), length = divmod(t, schedule.updates), schedule.updates
        else:
            done = bisect_right(starts, t) - 1
            within, length = t - starts[done], lengths[done]
        if within < schedule.warmup:
            share = within / schedule.warmup
        else:
            share = (1 + math.cos(math.pi * (within - schedule.warmup) / (length - schedule.warmup))) / 2
        share, height = 1 - share, share * schedule.decay**done
        return low * share + base * height if schedule.sinks == "peak" else low + (base - low) * height

    return compute


def find_cosine_restarts(schedule: Schedule) -> CosineRestarts | None:
    """Return a schedule as the cycles of CosineAnnealingWarmRestarts: no warm-up, equal heights; None if it is not."""
    if isinstance(schedule, CosineRestarts):
        return schedule if schedule.warmup == 0 and schedule.decay == 1 and schedule.sinks == "height" else None
    if isinstance(schedule, Repeat) and schedule.decay == 1 and isinstance(schedule.of, Cosine) and (
            schedule.of.updates == schedule.updates):
        of = schedule.of
        return CosineRestarts(base_lr=of.base_lr, final_lr=of.final_lr, updates=of.updates)
    return None
