"""The native spelling, in torch, of several schedules at once: chained classes, and a cycle whose height decays."""

from __future__ import annotations

from math import prod

from frameworks.schedule import (
    Constant,
    Exponential,
    Factor,
    MultiFactor,
    Polynomial,
    Product,
    Repeat,
    Schedule,
    Sequence,
    Sum,
    Warmup,
)
from parity.port.cycles import up_and_down
from parity.port.write.native_endless import UNBOUNDED, unbounded


def torch(schedule: Schedule) -> tuple[float, str, str] | None:
    """Return the optimizer's rate, the constructor, and what is off about it; None if there is no such class."""
    low, cycle = 0.0, schedule
    if isinstance(schedule, Sum) and len(schedule.of) == 2 and isinstance(schedule.of[0], Constant):
        low, cycle = schedule.of[0].base_lr, schedule.of[1]
    if isinstance(cycle, Product) and len(cycle.of) == 2 and (found := _cycle(low, *cycle.of)):
        return found
    if not isinstance(schedule, Product):
        return None
    factors = [_multiplying(one) for one in schedule.of]
    constructors = [one[1] for one in factors if one is not None and one[1]]
    if None in factors or len(constructors) < 2:
        return None
    rises = any(isinstance(one, Exponential) and one.factor > 1 for one in schedule.of)
    return (prod(base for base, _ in factors), f"ChainedScheduler([{', '.join(constructors)}])",
            "Each multiplies the last rate, again and again." + (f" {UNBOUNDED}" if rises else ""))


def _cycle(low: float, triangle: Schedule, height: Schedule) -> tuple[float, str, str] | None:
    lines = triangle.of if isinstance(triangle, Repeat) else None
    if not isinstance(height, Exponential) or height.updates != 1 or not unbounded(height) or not isinstance(
            lines, Sequence):
        return None
    if len(lines.parts) != 2 or not all(isinstance(one, Polynomial) for one in lines.parts):
        return None
    up, down = (one.updates for one in lines.parts)
    if triangle != up_and_down(0.0, 1.0, up, down):
        return None
    note = "Where in a cycle it is it computes from a quotient." + (f" {UNBOUNDED}" if height.factor > 1 else "")
    return (low, f"CyclicLR(optimizer, {low!r}, {low + height.base_lr!r}, {up}, {down}, mode='exp_range', "
            f"gamma={height.factor!r}, cycle_momentum=False)", note)


def _multiplying(schedule: Schedule) -> tuple[float, str] | None:
    """Return the rate from which a class multiplies, and its constructor: "" for one that stays."""
    if isinstance(schedule, Constant):
        return schedule.base_lr, ""
    if isinstance(schedule, Factor) and not schedule.min_lr:
        return schedule.base_lr, f"StepLR(optimizer, {schedule.every}, gamma={schedule.factor!r})"
    if isinstance(schedule, MultiFactor):
        return schedule.base_lr, f"MultiStepLR(optimizer, {list(schedule.milestones)}, gamma={schedule.factor!r})"
    if isinstance(schedule, Exponential) and unbounded(schedule):
        return schedule.base_lr, f"ExponentialLR(optimizer, gamma={schedule.factor ** (1 / schedule.updates)!r})"
    if isinstance(schedule, Warmup) and schedule.mode == "linear" and isinstance(schedule.then, Constant):
        top = schedule.then.base_lr
        if schedule.peak_lr in (None, top):
            return _line(schedule.begin_lr, top, schedule.updates)
    if isinstance(schedule, Polynomial) and schedule.power == 1:
        return _line(schedule.base_lr, schedule.final_lr, schedule.updates)
    if isinstance(schedule, Polynomial) and schedule.final_lr == 0:
        return schedule.base_lr, f"PolynomialLR(optimizer, {schedule.updates}, power={schedule.power!r})"
    return None


def _line(first: float, last: float, updates: int) -> tuple[float, str] | None:
    """Return LinearLR, which cannot begin at 0."""
    top = max(first, last)
    return (top, f"LinearLR(optimizer, {first / top!r}, {last / top!r}, {updates})") if first else None
