"""Writes factors of the optimizer's rate with torch's built-in classes: one class, or a chain of several."""

from __future__ import annotations

from math import prod

from frameworks.schedule import Constant, Exponential, Factor, MultiFactor, Polynomial, Product, Schedule, Warmup
from parity.port.write.native.spelling import UNBOUNDED, find_increasing_steps, is_unbounded, strip_holds

#: The optimizer's rate, the constructor, and the note about its difference.
Found = tuple[float, str, str]
_AGAIN = "It multiplies the previous rate at each update."


def find_single(schedule: Schedule) -> Found | None:
    """Return the single class that multiplies as a schedule does, None for other schedules."""
    inner, updates = strip_holds(schedule)
    if steps := find_increasing_steps(schedule):
        return steps[0].base_lr, f"StepLR(optimizer, {steps[1]}, gamma={steps[0].factor!r})", UNBOUNDED
    if isinstance(inner, Constant):
        return inner.base_lr, "ConstantLR(optimizer, factor=1.0)", ""
    if isinstance(inner, Factor):
        return (inner.base_lr, f"StepLR(optimizer, {inner.every * updates}, gamma={inner.factor!r})",
                "StepLR has no floor." if inner.min_lr else "")
    if isinstance(inner, MultiFactor):
        milestones = [step * updates for step in inner.milestones]
        return inner.base_lr, f"MultiStepLR(optimizer, {milestones}, gamma={inner.factor!r})", ""
    if isinstance(schedule, Exponential) and is_unbounded(schedule):
        note = ["" if schedule.updates == 1 else _AGAIN, UNBOUNDED if schedule.factor > 1 else ""]
        return (schedule.base_lr, f"ExponentialLR(optimizer, gamma={schedule.factor ** (1 / schedule.updates)!r})",
                " ".join(filter(None, note)))
    if isinstance(schedule, Polynomial) and schedule.power == 1 and schedule.final_lr <= schedule.base_lr > 0:
        return (schedule.base_lr, f"LinearLR(optimizer, start_factor=1.0, end_factor="
                f"{schedule.final_lr / schedule.base_lr!r}, total_iters={schedule.updates})", _AGAIN)
    if isinstance(schedule, Polynomial) and schedule.final_lr == 0:
        return (schedule.base_lr, f"PolynomialLR(optimizer, total_iters={schedule.updates}, power={schedule.power!r})",
                _AGAIN)
    return None


def find_chain(schedule: Schedule) -> Found | None:
    """Return the chain of classes of a product's factors, None if a factor has no class."""
    if not isinstance(schedule, Product):
        return None
    factors = [link for part in schedule.of if (link := _find_link(part)) is not None]
    constructors = [constructor for _, constructor in factors if constructor]
    if len(factors) < len(schedule.of) or len(constructors) < 2:
        return None
    increases = any(isinstance(part, Exponential) and part.factor > 1 for part in schedule.of)
    return (prod(base for base, _ in factors), f"ChainedScheduler([{', '.join(constructors)}])",
            "Each multiplies the previous rate at each update." + (f" {UNBOUNDED}" if increases else ""))


def _find_link(schedule: Schedule) -> tuple[float, str] | None:
    """Return the rate that a class multiplies, and its constructor ("" for a constant); None without a class."""
    if isinstance(schedule, Constant):
        return schedule.base_lr, ""
    if isinstance(schedule, MultiFactor | Exponential) or (isinstance(schedule, Factor) and not schedule.min_lr):
        result = find_single(schedule)
        return result and result[:2]
    if isinstance(schedule, Warmup) and schedule.mode == "linear" and isinstance(schedule.then, Constant):
        top = schedule.then.base_lr
        if schedule.peak_lr in (None, top):
            return _write_line(schedule.begin_lr, top, schedule.updates)
    if isinstance(schedule, Polynomial) and schedule.power == 1:
        return _write_line(schedule.base_lr, schedule.final_lr, schedule.updates)
    if isinstance(schedule, Polynomial) and schedule.final_lr == 0:
        return schedule.base_lr, f"PolynomialLR(optimizer, {schedule.updates}, power={schedule.power!r})"
    return None


def _write_line(first: float, last: float, updates: int) -> tuple[float, str] | None:
    """Return the rate and the constructor of LinearLR, None for a line that begins at 0."""
    top = max(first, last)
    return (top, f"LinearLR(optimizer, {first / top!r}, {last / top!r}, {updates})") if first else None
