"""Writes a schedule with torch's built-in classes: they multiply the optimizer's rate, or cycle between two rates."""

from __future__ import annotations

import re

from frameworks.schedule import (
    Constant,
    Cosine,
    Cyclic,
    Exponential,
    OneCycle,
    Polynomial,
    Product,
    Repeat,
    Schedule,
    Sequence,
    Sum,
)
from parity.port.cycles import build_cycles
from parity.port.write.native.spelling import (
    UNBOUNDED,
    Spelling,
    find_cosine_restarts,
    is_unbounded,
    split_warmup,
    strip_shift,
)
from parity.port.write.native.torch_factors import Found, find_chain, find_single

#: The code around a constructor.
_CODE = """\
import torch
from torch.optim.lr_scheduler import {names}

optimizer = torch.optim.SGD(model.parameters(), lr={base_lr!r})
scheduler = {constructor}  # scheduler.step() after every update
"""


def write_built_in(schedule: Schedule, code: str = _CODE) -> Spelling | None:
    """Return the spelling with a built-in class, None if no class applies the schedule.

    code: a format of the names of classes, the optimizer's rate and the constructor (default: a loop of torch).
    """
    for find in (_find_one_cycle, _find_cosine_cycles, _find_line_cycles, _find_decaying_cycles, find_chain,
                 find_single, _find_cosine):
        if result := find(schedule):
            base_lr, constructor, note = result
            names = sorted(set(re.findall(r"(\w+LR|\w+WarmRestarts|ChainedScheduler)\(", constructor)))
            return Spelling(code.format(names=", ".join(names), base_lr=base_lr, constructor=constructor), note)
    return None


def _find_one_cycle(schedule: Schedule) -> Found | None:
    """Return OneCycleLR until update `updates`, and a ConstantLR that holds its last rate: it raises ValueError."""
    if not isinstance(schedule, OneCycle) or not schedule.base_lr or not schedule.peak_lr or not schedule.final_lr:
        return None
    base, total = schedule.base_lr, schedule.updates + 1
    strategy = "" if schedule.mode == "cosine" else ", anneal_strategy='linear'"
    three = ", three_phase=True" if schedule.phases == 3 else ""
    cycle = (f"OneCycleLR(optimizer, {schedule.peak_lr!r}, total_steps={total}, pct_start="
             f"{(schedule.rise + 1) / total!r}, div_factor={schedule.peak_lr / base!r}, final_div_factor="
             f"{base / schedule.final_lr!r}{strategy}{three}, cycle_momentum=False)")
    tail = f"ConstantLR(optimizer, factor={schedule.final_lr / base!r}, total_iters=1_000_000_000)"
    return None if schedule.final_lr > base else (
        base, f"SequentialLR(optimizer, [{cycle}, {tail}], [{schedule.updates}])", "")


def _find_cosine_cycles(schedule: Schedule) -> Found | None:
    """Return the class of cosine cycles: down with restarts, or down and up."""
    cycles = find_cosine_restarts(schedule)
    if cycles is not None and cycles.warmup == 0 and cycles.decay == 1:
        times = f", T_mult={cycles.growth}" if cycles.growth > 1 else ""
        return (cycles.base_lr, f"CosineAnnealingWarmRestarts(optimizer, T_0={cycles.updates}{times}, "
                f"eta_min={cycles.final_lr!r})", "")
    if not isinstance(schedule, Repeat) or schedule.decay != 1:
        return None
    of = schedule.of
    if isinstance(of, Sequence) and len(of.parts) == 2 and isinstance(down := of.parts[0], Cosine):
        up = of.parts[1]
        back = Cosine(base_lr=down.final_lr, final_lr=down.base_lr, updates=down.updates)
        if up == back and (down.updates,) == of.boundaries and schedule.updates == 2 * down.updates:
            return (down.base_lr, f"CosineAnnealingLR(optimizer, {down.updates}, eta_min={down.final_lr!r})",
                    "It computes each rate from the previous one.")
    return None


def _find_line_cycles(schedule: Schedule) -> Found | None:
    """Return the class of lines up and down between two rates."""
    if isinstance(schedule, Cyclic):
        gamma = f", gamma={schedule.gamma!r}" if schedule.mode == "exp_range" else ""
        return _write_cyclic_lr(schedule.low, schedule.high, schedule.up, schedule.down or schedule.up, schedule.mode,
                                gamma)
    if not isinstance(schedule, Repeat) or schedule.decay not in (1, 0.5):
        return None
    of = schedule.of
    if not isinstance(of, Sequence) or len(of.parts) != 2 or not isinstance(line := of.parts[0], Polynomial):
        return None
    low, high, up = line.base_lr, line.final_lr, of.boundaries[0]
    down = max(schedule.updates - up, 1)
    if schedule != build_cycles(low, high, up, down, decay=schedule.decay, min_lr=schedule.min_lr):
        return None
    if schedule.decay == 1:
        return _write_cyclic_lr(low, high, up, down, "triangular")
    return _write_cyclic_lr(low, high, up, down, "triangular2") if schedule.min_lr == low else None


def _write_cyclic_lr(low: float, high: float, up: int, down: int, mode: str, gamma: str = "") -> Found:
    return (low, f"CyclicLR(optimizer, {low!r}, {high!r}, step_size_up={up}, step_size_down={down}, mode={mode!r}"
            f"{gamma}, cycle_momentum=False)", "It computes its position in the cycle by subtracting quotients.")


def _find_decaying_cycles(schedule: Schedule) -> Found | None:
    """Return the class of lines up and down whose height above the lower rate decays or increases."""
    low, cycle = 0.0, schedule
    if isinstance(schedule, Sum) and len(schedule.of) == 2 and isinstance(schedule.of[0], Constant):
        low, cycle = schedule.of[0].base_lr, schedule.of[1]
    if not isinstance(cycle, Product) or len(cycle.of) != 2:
        return None
    triangle, height = cycle.of
    lines = triangle.of if isinstance(triangle, Repeat) else None
    if not isinstance(height, Exponential) or height.updates != 1 or not is_unbounded(height) or not isinstance(
            lines, Sequence):
        return None
    lengths = [part.updates for part in lines.parts if isinstance(part, Polynomial)]
    if len(lines.parts) != 2 or len(lengths) != 2:
        return None
    up, down = lengths
    if triangle != build_cycles(0.0, 1.0, up, down):
        return None
    note = "It computes its position in the cycle from a quotient." + (f" {UNBOUNDED}" if height.factor > 1 else "")
    return (low, f"CyclicLR(optimizer, {low!r}, {low + height.base_lr!r}, {up}, {down}, mode='exp_range', "
            f"gamma={height.factor!r}, cycle_momentum=False)", note)


def _find_cosine(schedule: Schedule) -> Found | None:
    """Return the classes of a cosine: a ConstantLR holds its last rate. A shift by 1 needs a warm-up."""
    unshifted_schedule, early = strip_shift(schedule)
    warm, after = split_warmup(unshifted_schedule)
    if not isinstance(after, Cosine) or not after.base_lr or after.final_lr > after.base_lr:
        return None
    tail = f"ConstantLR(optimizer, factor={after.final_lr / after.base_lr!r}, total_iters=1_000_000_000)"
    cosine = f"CosineAnnealingLR(optimizer, {after.updates}, eta_min={after.final_lr!r})"
    note = "CosineAnnealingLR computes each rate from the previous one."
    if warm is None:
        return None if early else (
            after.base_lr, f"SequentialLR(optimizer, [{cosine}, {tail}], [{after.updates}])", note)
    if warm.mode != "linear" or (early and warm.updates < 2):
        return None
    steps = warm.updates - early
    first = warm.begin_lr + (after.base_lr - warm.begin_lr) * early / warm.updates
    share = first / after.base_lr or 1e-8
    if share > 1:
        return None
    line = f"LinearLR(optimizer, start_factor={share!r}, total_iters={steps})"
    return (after.base_lr, f"SequentialLR(optimizer, [{line}, {cosine}, {tail}], [{steps}, {steps + after.updates}])",
            note if first else f"LinearLR cannot start at 0; {note}")
