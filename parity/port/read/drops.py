"""Builds schedules that are multiplied by a factor at given updates, for the classes that accept any of them."""

from __future__ import annotations

import math
from bisect import bisect_right

from frameworks.schedule import Constant, MultiFactor, Schedule, Sequence
from parity.port.read.arguments import Context
from parity.port.read.literal import PortError

#: The most drops that are read of a class with steps that are not whole and without an end.
MAX_DROPS = 1000


def drop_at(name: str, base: float, factor: float, steps: list[int]) -> Schedule:
    """Return a schedule that multiplies `base` by `factor` at each of the steps.

    name: the factor's name, for messages. base: first rate. factor: any number whose rates are not negative.
    steps: updates, in any order; those below 1 count before the first update, repeated ones count each time.
    """
    if factor < 0 and steps:
        raise PortError(f"{name} must be at least 0, got {factor!r}: the rates would be negative")
    counted = sorted(steps)
    later = sorted({step for step in steps if step > 0})
    before = bisect_right(counted, 0)
    if 0 < factor < 1 and len(later) == len(counted):
        return MultiFactor(base_lr=base, factor=factor, milestones=later) if later else Constant(base_lr=base)
    rates = [base * factor**bisect_right(counted, step) if step or before else base for step in (0, *later)]
    parts = [Constant(base_lr=rate) for rate in rates]
    return Sequence(parts=parts, boundaries=later) if later and factor != 1 else parts[0]


def drop_every(c: Context, base: float, factor: float, step: float, floor: float) -> Schedule:
    """Return FactorScheduler's rates for a step that is not whole: each drop comes at the floor of the sum of steps.

    base: first rate, at least `floor`. factor: above 0, below 1. step: above 1. floor: rate at which it stays.
    """
    drops, total, rate = [], step, base * factor
    while rate >= floor and len(drops) < MAX_DROPS:
        drops.append(math.floor(total))
        total, rate = total + step, rate * factor
    fall = drop_at("factor", base, factor, drops)
    if rate < floor:
        last = math.floor(total)
        return Sequence(parts=[fall, Constant(base_lr=floor)], boundaries=[last])
    c.traps.append(f"The first {len(drops):,} drops are read, until update {drops[-1]:,}; the specification then holds "
                   "its rate.")
    c.followed.append(math.floor(total))
    return fall
