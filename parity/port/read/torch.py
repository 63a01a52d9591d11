"""Reads PyTorch's schedulers, stepped after every update: the constructor makes the first step, for update 0.

All multiply the initial rate of the optimizer, `lr`. Source: torch 2.14, torch/optim/lr_scheduler.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from frameworks.schedule import Constant, Factor, Polynomial, Scale, Schedule, Sequence, Shift
from parity.port.read.arguments import Context, above_0, number, whole
from parity.port.read.drops import drop_at
from parity.port.read.literal import Name, PortError
from parity.port.read.torch_combined import calls_in, chained, chained_first, flat, product, sequenced
from parity.port.read.torch_cycles import (
    cosine_annealing_lr,
    cosine_annealing_warm_restarts,
    cyclic_lr,
    one_cycle_lr,
    swa_lr,
)
from parity.port.read.torch_optimizers import made_with, one_for_all
from parity.port.rising import rising

REFUSED = {
    "LambdaLR": "its rates are whatever its function returns",
    "MultiplicativeLR": "its rates are whatever its function returns",
    "ReduceLROnPlateau": "its rates depend on the training's metric, not on the update alone",
    "LRScheduler": "it is the base class of the others and defines no rates",
}


def step_lr(c: Context, optimizer: Any, step_size: Any, gamma: Any = 0.1, last_epoch: Any = -1) -> Schedule:
    """Read drops at step_size, 2 step_size, ..."""
    c.traps.append("StepLR has no floor; MXNet's FactorScheduler has one (default: 1e-8).")
    base, factor = made_with(c, optimizer, last_epoch), above_0("gamma", gamma)
    every = whole("step_size", step_size, 1, floats=True)
    if factor > 1:
        return rising(c, "StepLR", base, factor, every, steps=True)
    return Factor(base_lr=base, factor=factor, every=every)


def multi_step_lr(c: Context, optimizer: Any, milestones: Any, gamma: Any = 0.1, last_epoch: Any = -1) -> Schedule:
    """Read drops at milestones. A milestone given twice drops twice; one at 0 drops before the first update."""
    base, factor = made_with(c, optimizer, last_epoch), above_0("gamma", gamma)
    if not isinstance(milestones, list | tuple):
        raise PortError(f"milestones must be a list of whole numbers, got {milestones!r}")
    steps = sorted(whole("milestones", step, floats=True) for step in milestones)
    return drop_at("gamma", base, factor, steps)


def constant_lr(c: Context, optimizer: Any, factor: Any = 1.0 / 3, total_iters: Any = 5,
                last_epoch: Any = -1) -> Schedule:
    """Read a share of the rate for total_iters updates, then the whole rate."""
    base, share = made_with(c, optimizer, last_epoch), number("factor", factor, 0, 1)
    updates = whole("total_iters", total_iters, floats=True)
    if not updates or share == 1:
        return Constant(base_lr=base * share)  # it multiplies at update 0 before it checks for its end
    if not share:
        c.traps.append(f"ConstantLR divides by its factor, 0, at update {updates}: it raises ZeroDivisionError there.")
    return Sequence(parts=[Constant(base_lr=base * share), Constant(base_lr=base)], boundaries=[updates])


def linear_lr(c: Context, optimizer: Any, start_factor: Any = 1.0 / 3, end_factor: Any = 1.0, total_iters: Any = 5,
              last_epoch: Any = -1) -> Schedule:
    """Read a line between two shares of the rate, held from update total_iters on."""
    base, start = made_with(c, optimizer, last_epoch), number("start_factor", start_factor, 0, 1)
    if start == 0:
        raise PortError("start_factor must be above 0: torch refuses a warm-up from 0")
    end, updates = number("end_factor", end_factor, 0, 1), whole("total_iters", total_iters, floats=True)
    if not updates:
        c.traps.append("With total_iters=0, LinearLR stays at start_factor.")
        return Constant(base_lr=base * start)
    return Polynomial(base_lr=base * start, final_lr=base * end, power=1, updates=updates)


def exponential_lr(c: Context, optimizer: Any, gamma: Any, last_epoch: Any = -1) -> Schedule:
    """Read a factor at every update."""
    base, factor = made_with(c, optimizer, last_epoch), above_0("gamma", gamma)
    return Factor(base_lr=base, factor=factor) if factor <= 1 else rising(c, "ExponentialLR", base, factor, 1)


def polynomial_lr(c: Context, optimizer: Any, total_iters: Any = 5, power: Any = 1.0, last_epoch: Any = -1) -> Schedule:
    """Read a polynomial decay to 0 by update total_iters."""
    exponent, base = number("power", power), made_with(c, optimizer, last_epoch)
    updates = whole("total_iters", total_iters, floats=True)
    if not exponent or not updates:
        c.traps.append(f"With {'total_iters' if exponent else 'power'}=0, PolynomialLR never changes the rate.")
        return Constant(base_lr=base)
    return Polynomial(base_lr=base, power=exponent, updates=updates)


def sequential_lr(c: Context, optimizer: Any, schedulers: Any, milestones: Any, last_epoch: Any = -1) -> Schedule:
    """Read schedulers that follow each other, each with a separate clock and the initial rate of the optimizer."""
    calls = calls_in(schedulers)
    one_for_all(optimizer, calls)
    made_with(c, optimizer, last_epoch)
    if not isinstance(milestones, list | tuple) or len(milestones) != len(calls) - 1:
        raise PortError("expects number of schedulers provided to be one more than the number of milestone points, "
                        f"got {len(calls)} schedulers and milestones {milestones!r}")
    starts = [0, *(max(whole("milestones", start, None, floats=True), 0) for start in milestones)]
    if starts != sorted(starts):
        raise PortError(f"milestones must increase, got {list(milestones)}")
    asked = [call for call, start, end in zip(calls, starts, [*starts[1:], math.inf]) if start < end]
    if len(asked) < len(calls):
        c.traps.append("A scheduler whose milestone is not after the one before it is never applied.")
    sequenced(calls, asked)
    if asked[0].name == "ChainedScheduler":
        chained_first(list(flat(asked[:1], chained_scheduler)))
    parts = [c.inner(call) for call in asked]
    boundaries = sorted({start for start in starts if start})
    return Sequence(parts=parts, boundaries=boundaries) if boundaries else parts[0]


def chained_scheduler(c: Context, schedulers: Any, optimizer: Any = None) -> Schedule:
    """Read the product of all schedulers. If all but one are ConstantLR, return the schedule of that one, scaled."""
    model = Name("optimizer") if optimizer is None else optimizer
    calls = list(flat(calls_in(schedulers), chained_scheduler))
    one_for_all(model, calls)
    base = made_with(c, model, -1)
    shares = [call for call in calls if call.name == "ConstantLR"]
    rest = [call for call in calls if call not in shares]
    if len(rest) > 1:
        return product(c, [*rest, *shares])
    whole_: Schedule = c.inner(rest[0]) if rest else Constant(base_lr=base)
    steps = [c.inner(call) for call in shares]
    chained(calls, max([step.boundaries[0] if isinstance(step, Sequence) else float("inf") for step in steps
                        if step != Constant(base_lr=base)], default=0))
    for step in steps:
        if isinstance(step, Sequence):
            first, second = (constant.lr(0) for constant in step.parts)
            share = first / second if second else 1.0
            at = step.boundaries[0]
            whole_ = Sequence(parts=[Scale(by=share, of=whole_), Shift(by=at, of=whole_)], boundaries=[at])
        elif base:
            whole_ = Scale(by=step.lr(0) / base, of=whole_)  # without an end, if its total_iters is 0
    return whole_


READERS: dict[str, Callable[..., Schedule]] = {
    "StepLR": step_lr, "MultiStepLR": multi_step_lr, "ConstantLR": constant_lr, "LinearLR": linear_lr,
    "ExponentialLR": exponential_lr, "PolynomialLR": polynomial_lr, "CosineAnnealingLR": cosine_annealing_lr,
    "CosineAnnealingWarmRestarts": cosine_annealing_warm_restarts, "CyclicLR": cyclic_lr, "OneCycleLR": one_cycle_lr,
    "SWALR": swa_lr, "SequentialLR": sequential_lr, "ChainedScheduler": chained_scheduler}
