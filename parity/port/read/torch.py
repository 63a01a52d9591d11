"""Reads PyTorch's schedulers, stepped after every update: the constructor makes the first step, for update 0.

All multiply the initial rate of the optimizer, `lr`. Source: torch 2.14, torch/optim/lr_scheduler.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from frameworks.schedule import Constant, Factor, Polynomial, Scale, Schedule, Sequence, Shift
from parity.port.read.arguments import Context, check_above_0, check_number, check_whole
from parity.port.read.drops import drop_at
from parity.port.read.literal import Name, PortError
from parity.port.read.torch_combined import (
    check_chain,
    check_first_chain,
    check_sequence,
    flatten_chain,
    list_calls,
    read_product,
)
from parity.port.read.torch_cycles import (
    read_cosine_annealing_lr,
    read_cosine_warm_restarts,
    read_cyclic_lr,
    read_one_cycle_lr,
    read_swa_lr,
)
from parity.port.read.torch_optimizers import check_shared_optimizer, find_initial_rate
from parity.port.rising import read_increase

REFUSED = {
    "LambdaLR": "its rates are whatever its function returns",
    "MultiplicativeLR": "its rates are whatever its function returns",
    "ReduceLROnPlateau": "its rates depend on the training's metric, not on the update alone",
    "LRScheduler": "it is the base class of the others and defines no rates",
}


def read_step_lr(c: Context, optimizer: Any, step_size: Any, gamma: Any = 0.1, last_epoch: Any = -1) -> Schedule:
    """Read drops at step_size, 2 step_size, ..."""
    c.traps.append("StepLR has no floor; MXNet's FactorScheduler has one (default: 1e-8).")
    base, factor = find_initial_rate(c, optimizer, last_epoch), check_above_0("gamma", gamma)
    every = check_whole("step_size", step_size, 1, floats=True)
    if factor > 1:
        return read_increase(c, "StepLR", base, factor, every, steps=True)
    return Factor(base_lr=base, factor=factor, every=every)


def read_multi_step_lr(c: Context, optimizer: Any, milestones: Any, gamma: Any = 0.1, last_epoch: Any = -1) -> Schedule:
    """Read drops at milestones. A milestone given twice drops twice; one at 0 drops before the first update."""
    base, factor = find_initial_rate(c, optimizer, last_epoch), check_above_0("gamma", gamma)
    if not isinstance(milestones, list | tuple):
        raise PortError(f"milestones must be a list of whole numbers, got {milestones!r}")
    steps = sorted(check_whole("milestones", step, floats=True) for step in milestones)
    return drop_at("gamma", base, factor, steps)


def read_constant_lr(c: Context, optimizer: Any, factor: Any = 1.0 / 3, total_iters: Any = 5,
                     last_epoch: Any = -1) -> Schedule:
    """Read a share of the rate for total_iters updates, then the whole rate."""
    base, share = find_initial_rate(c, optimizer, last_epoch), check_number("factor", factor, 0, 1)
    updates = check_whole("total_iters", total_iters, floats=True)
    if not updates or share == 1:
        return Constant(base_lr=base * share)  # it multiplies at update 0 before it checks for its end
    c.note_default("total_iters", total_iters)
    if not share:
        c.traps.append(f"ConstantLR divides by its factor, 0, at update {updates}: it raises ZeroDivisionError there.")
    return Sequence(parts=[Constant(base_lr=base * share), Constant(base_lr=base)], boundaries=[updates])


def read_linear_lr(c: Context, optimizer: Any, start_factor: Any = 1.0 / 3, end_factor: Any = 1.0, total_iters: Any = 5,
                   last_epoch: Any = -1) -> Schedule:
    """Read a line between two shares of the rate, held from update total_iters on."""
    base, start = find_initial_rate(c, optimizer, last_epoch), check_number("start_factor", start_factor, 0, 1)
    if start == 0:
        raise PortError("start_factor must be above 0: torch refuses a warm-up from 0")
    end, updates = check_number("end_factor", end_factor, 0, 1), check_whole("total_iters", total_iters, floats=True)
    if not updates:
        c.traps.append("With total_iters=0, LinearLR stays at start_factor.")
        return Constant(base_lr=base * start)
    c.note_default("total_iters", total_iters)
    return Polynomial(base_lr=base * start, final_lr=base * end, power=1, updates=updates)


def read_exponential_lr(c: Context, optimizer: Any, gamma: Any, last_epoch: Any = -1) -> Schedule:
    """Read a factor at every update."""
    base, factor = find_initial_rate(c, optimizer, last_epoch), check_above_0("gamma", gamma)
    return Factor(base_lr=base, factor=factor) if factor <= 1 else read_increase(c, "ExponentialLR", base, factor, 1)


def read_polynomial_lr(c: Context, optimizer: Any, total_iters: Any = 5, power: Any = 1.0,
                       last_epoch: Any = -1) -> Schedule:
    """Read a polynomial decay to 0 by update total_iters."""
    exponent, base = check_number("power", power), find_initial_rate(c, optimizer, last_epoch)
    updates = check_whole("total_iters", total_iters, floats=True)
    if not exponent or not updates:
        c.traps.append(f"With {'total_iters' if exponent else 'power'}=0, PolynomialLR never changes the rate.")
        return Constant(base_lr=base)
    c.note_default("total_iters", total_iters)
    return Polynomial(base_lr=base, power=exponent, updates=updates)


def read_sequential_lr(c: Context, optimizer: Any, schedulers: Any, milestones: Any, last_epoch: Any = -1) -> Schedule:
    """Read schedulers that follow each other, each with a separate clock and the initial rate of the optimizer."""
    calls = list_calls(schedulers)
    check_shared_optimizer(optimizer, calls)
    base = find_initial_rate(c, optimizer, last_epoch)
    if not isinstance(milestones, list | tuple) or len(milestones) != len(calls) - 1:
        raise PortError("expects number of schedulers provided to be one more than the number of milestone points, "
                        f"got {len(calls)} schedulers and milestones {milestones!r}")
    starts = [0, *(max(check_whole("milestones", start, None, floats=True), 0) for start in milestones)]
    if starts != sorted(starts):
        raise PortError(f"milestones must increase, got {list(milestones)}")
    asked = [call for call, start, end in zip(calls, starts, [*starts[1:], math.inf]) if start < end]
    if len(asked) < len(calls):
        c.traps.append("A scheduler whose milestone is not after the one before it is never applied.")
    # The first rate of its cosine is rounded, by less than 1e-15 of the highest rate.
    is_same = calls[0].name == "OneCycleLR" and math.isclose(c.inner(calls[0]).lr(0), base, rel_tol=1e-12)
    check_sequence(calls, asked, is_same=is_same)
    if asked[0].name == "ChainedScheduler":
        check_first_chain(list(flatten_chain(asked[:1], read_chained_scheduler)))
    parts = [c.inner(call) for call in asked]
    boundaries = sorted({start for start in starts if start})
    return Sequence(parts=parts, boundaries=boundaries) if boundaries else parts[0]


def read_chained_scheduler(c: Context, schedulers: Any, optimizer: Any = None) -> Schedule:
    """Read the product of all schedulers. If all but one are ConstantLR, return the schedule of that one, scaled."""
    model = Name("optimizer") if optimizer is None else optimizer
    calls = list(flatten_chain(list_calls(schedulers), read_chained_scheduler))
    check_shared_optimizer(model, calls)
    base = find_initial_rate(c, model, -1)
    shares = [call for call in calls if call.name == "ConstantLR"]
    rest = [call for call in calls if call not in shares]
    if len(rest) > 1:
        return read_product(c, [*rest, *shares])
    whole_: Schedule = c.inner(rest[0]) if rest else Constant(base_lr=base)
    steps = [c.inner(call) for call in shares]
    check_chain(calls, max([step.boundaries[0] if isinstance(step, Sequence) else float("inf") for step in steps
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
    "StepLR": read_step_lr, "MultiStepLR": read_multi_step_lr, "ConstantLR": read_constant_lr,
    "LinearLR": read_linear_lr,
    "ExponentialLR": read_exponential_lr, "PolynomialLR": read_polynomial_lr,
    "CosineAnnealingLR": read_cosine_annealing_lr,
    "CosineAnnealingWarmRestarts": read_cosine_warm_restarts, "CyclicLR": read_cyclic_lr,
    "OneCycleLR": read_one_cycle_lr,
    "SWALR": read_swa_lr, "SequentialLR": read_sequential_lr, "ChainedScheduler": read_chained_scheduler}
