"""Reads mmengine's schedulers, each as a curve over its range of steps; a step is an epoch or an update.

All but OneCycleLR begin at the rate that the ones before them left. A range has n = end - begin steps, k = 0 to n - 1.
Source: mmengine 0.10, optim/scheduler/param_scheduler.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from frameworks.schedule import Factor, Hold, Polynomial, Schedule
from parity.port.read.arguments import Context, check_above_0, check_number, check_positive, check_whole
from parity.port.read.curves import build_constant, build_half_cosine, build_line, build_swing, join
from parity.port.read.drops import MAX_DROPS, drop_at
from parity.port.read.literal import Name, PortError
from parity.port.read.torch_cycles import read_one_cycle_lr

#: mmengine's INF, the default of end where no training loop sets it.
INF = 10**9


@dataclass(frozen=True)
class Range:
    """The steps in which a scheduler acts.

    begin: first update. count: number of steps; None: until the training ends. hold: updates of a step. scale: steps
    of one unit of the scheduler's lengths, above 1 if converted from epochs to updates.
    """

    begin: int
    count: int | None
    hold: int = 1
    scale: int = 1

    @property
    def end(self) -> float:
        """Return the first update after the range, infinity if it has no end."""
        return math.inf if self.count is None else self.begin + self.count * self.hold

    def need_count(self) -> int:
        """Return the number of steps. Raises PortError if the range has no end."""
        if self.count is None:
            raise PortError("it uses end, by default the length of the training: give end, or --total-updates")
        return self.count


@dataclass(frozen=True)
class Part:
    """A scheduler: its range, and its curve from a first rate on.

    build: returns the curve in steps for a first rate. multiplies: whether the curve is a factor of the first rate.
    alone: whether it overwrites the rates from which others start. endless: whether the curve, but not the scheduler,
    changes after the range.
    """

    range: Range
    build: Callable[[float], Schedule]
    multiplies: bool = True
    alone: bool = False
    endless: bool = False

    def read(self, first: float) -> Schedule:
        """Return the curve in updates from the range's first update on; its last rate stays."""
        curve, count = self.build(first), self.range.count
        if count is not None and self.endless:
            curve = join([count], curve, build_constant(curve.lr(count - 1)))
        return Hold(updates=self.range.hold, of=curve) if self.range.hold > 1 else curve


def read_linear(c: Context, steps: Range, base: float, start_factor: Any = 1.0 / 3, end_factor: Any = 1.0) -> Part:
    """Read a line between two factors; the second one applies from the last step of the range on."""
    first, last = check_number("start_factor", start_factor, 0, 1), check_number("end_factor", end_factor, 0, 1)
    updates = steps.need_count() - 1
    if not first:
        raise PortError("start_factor must be above 0: mmengine raises ZeroDivisionError at the second step")
    c.traps.append("LinearLR reaches end_factor at its last step, end - 1, one before end.")
    return Part(steps, lambda rate: build_line(rate * first, rate * last, updates) if updates else
                build_constant(rate * first))


def read_constant(c: Context, steps: Range, base: float, factor: Any = 1.0 / 3) -> Part:
    """Read a share of the rate, and the whole rate from the last step of the range on."""
    share, updates = check_number("factor", factor, 0, 1), steps.need_count() - 1
    if not share:
        raise PortError("factor must be above 0: mmengine divides by it at the last step")
    c.traps.append("ConstantLR restores the rate at its last step, end - 1, one before end.")
    return Part(steps, lambda rate: join([updates], build_constant(rate * share), build_constant(rate)) if updates else
                build_constant(rate * share))


def read_step(c: Context, steps: Range, base: float, step_size: Any, gamma: Any = 0.1) -> Part:
    """Read drops at step_size, 2 step_size, ..., counted from begin."""
    every, factor = check_whole("step_size", step_size, 1) * steps.scale, check_above_0("gamma", gamma)
    if factor <= 1:
        return Part(steps, lambda rate: Factor(base_lr=rate, factor=factor, every=every), endless=True)
    if steps.need_count() // every > MAX_DROPS:
        raise PortError(f"a gamma above 1 must have at most {MAX_DROPS:,} steps, got {steps.need_count() // every:,}")
    drops = list(range(every, steps.need_count(), every))
    return Part(steps, lambda rate: drop_at("gamma", rate, factor, drops))


def read_multi_step(c: Context, steps: Range, base: float, milestones: Any, gamma: Any = 0.1) -> Part:
    """Read drops at milestones, counted from begin."""
    if not isinstance(milestones, list | tuple):
        raise PortError(f"milestones must be a list of whole numbers, got {milestones!r}")
    factor = check_above_0("gamma", gamma)
    drops = [check_whole("milestones", step) * steps.scale for step in milestones]
    if steps.begin:
        c.traps.append("MultiStepLR counts its milestones from begin, not from the start of the training.")
    drops = [step for step in drops if steps.count is None or step < steps.count]
    return Part(steps, lambda rate: drop_at("gamma", rate, factor, drops))


def read_exponential(c: Context, steps: Range, base: float, gamma: Any) -> Part:
    """Read a factor at every step."""
    factor = check_above_0("gamma", gamma)
    if factor > 1:
        raise PortError(f"gamma must be at most 1, got {gamma!r}: the rate would increase without end")
    return Part(steps, lambda rate: Factor(base_lr=rate, factor=factor), endless=True)


def read_cosine(c: Context, steps: Range, base: float, T_max: Any = None, eta_min: Any = None,
                eta_min_ratio: Any = None) -> Part:
    """Read half a cosine down over T_max steps; in a longer range it increases again."""
    if eta_min is not None and eta_min_ratio is not None:
        raise PortError("either eta_min or eta_min_ratio must be given, and not both")
    length = check_whole("T_max", T_max, 1) * steps.scale if T_max else steps.need_count()
    low = check_number("eta_min", eta_min or 0.0) if eta_min_ratio is None else (
        base * check_number("eta_min_ratio", eta_min_ratio))
    if steps.count is not None and steps.count <= length:
        c.traps.append("CosineAnnealingLR ends one step before eta_min: its last step is T_max - 1, or before.")
    held = steps.count is not None and steps.count <= length + 1

    def build(rate: float) -> Schedule:
        if held:
            return build_half_cosine(rate, low, length)
        if not math.isclose(rate, base, rel_tol=1e-12):  # the part before has rounded the rate that it ends at
            raise PortError(f"end - begin must be at most T_max + 1, {length + 1}, where the rate at begin is not that "
                            "of the optimizer: afterwards mmengine adds a share of the latter")
        return build_swing(rate, low, length, 0.5)

    if not held:
        c.traps.append(f"CosineAnnealingLR increases again after T_max, {length} steps.")
    return Part(steps, build, multiplies=held and not low, endless=True)


def read_poly(c: Context, steps: Range, base: float, eta_min: Any = 0.0, power: Any = 1.0) -> Part:
    """Read a power of the remaining share, down to eta_min at the last step of the range."""
    low, exponent, updates = check_number("eta_min", eta_min), check_positive("power", power), steps.need_count() - 1
    c.traps.append("PolyLR reaches eta_min at its last step, end - 1, one before end.")
    return Part(steps, lambda rate: Polynomial(base_lr=rate, final_lr=low, power=exponent, updates=updates)
                if updates else build_constant(rate), multiplies=not low)


def read_one_cycle(c: Context, steps: Range, base: float, eta_max: Any = 0, total_steps: Any = None,
                   pct_start: Any = 0.3, anneal_strategy: Any = "cos", div_factor: Any = 25.0,
                   final_div_factor: Any = 1e4, three_phase: Any = False) -> Part:
    """Read torch's OneCycleLR, of end - begin steps by default; it replaces the optimizer's rate."""
    total = steps.need_count() if total_steps is None else check_whole("total_steps", total_steps, 1) * steps.scale
    if steps.begin or (steps.count or 0) > total:
        raise PortError(f"begin must be 0 and end at most total_steps, {total}: after it, mmengine raises ValueError")
    silent = replace(c, traps=[])
    curve = read_one_cycle_lr(silent, Name("optimizer"), eta_max, total_steps=total, pct_start=pct_start,
                              anneal_strategy=anneal_strategy, cycle_momentum=False, div_factor=div_factor,
                              final_div_factor=final_div_factor, three_phase=three_phase)
    return Part(steps, lambda rate: curve, multiplies=False, alone=True, endless=True)


PARTS: dict[str, Callable[..., Part]] = {
    "LinearLR": read_linear, "ConstantLR": read_constant, "StepLR": read_step, "MultiStepLR": read_multi_step,
    "ExponentialLR": read_exponential, "CosineAnnealingLR": read_cosine, "PolyLR": read_poly,
    "OneCycleLR": read_one_cycle}
