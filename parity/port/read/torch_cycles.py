"""Reads PyTorch's periodic schedulers, and OneCycleLR: cosine annealing, warm restarts, cycles.

Source: torch 2.14, torch/optim/lr_scheduler.py.
"""

from __future__ import annotations

import math
from typing import Any

from frameworks.schedule import (
    Constant,
    Cosine,
    Exponential,
    Polynomial,
    Product,
    Schedule,
    Sequence,
    Sum,
)
from frameworks.schedule.named.base import build_curves
from parity.port.cycles import build_cycles
from parity.port.read.arguments import (
    Context,
    check_above_0,
    check_number,
    check_one_of,
    check_positive,
    check_rate,
    check_whole,
)
from parity.port.read.curves import build_restarts, build_swing
from parity.port.read.literal import PortError
from parity.port.read.torch_optimizers import check_optimizer, find_initial_rate
from parity.port.rising import read_increase


def read_cosine_annealing_lr(c: Context, optimizer: Any, T_max: Any, eta_min: Any = 0.0,
                             last_epoch: Any = -1) -> Schedule:
    """Read half a cosine down, half a cosine up, and so on."""
    base, low = find_initial_rate(c, optimizer, last_epoch), check_number("eta_min", eta_min)
    updates = check_whole("T_max", T_max, 1, floats=True)
    c.traps.append(f"CosineAnnealingLR increases again after T_max = {updates} updates; Gluon and Keras hold their "
                   "rate.")
    return build_swing(base, low, updates, 0.5)


def read_cosine_warm_restarts(c: Context, optimizer: Any, T_0: Any, T_mult: Any = 1, eta_min: Any = 0.0,
                              last_epoch: Any = -1) -> Schedule:
    """Read cosine cycles, each T_mult times as long as the one before."""
    base, low = find_initial_rate(c, optimizer, last_epoch), check_number("eta_min", eta_min)
    length, times = check_whole("T_0", T_0, 1), check_whole("T_mult", T_mult, 1)
    return build_restarts(base, low, length, times)


def read_cyclic_lr(c: Context, optimizer: Any, base_lr: Any, max_lr: Any, step_size_up: Any = 2000,
                   step_size_down: Any = None, mode: Any = "triangular", gamma: Any = 1.0, scale_fn: Any = None,
                   scale_mode: Any = "cycle", cycle_momentum: Any = True, base_momentum: Any = 0.8,
                   max_momentum: Any = 0.9, last_epoch: Any = -1) -> Schedule:
    """Read lines up and down between two rates, which replace the optimizer's rate."""
    check_optimizer(optimizer)
    if last_epoch != -1:
        raise PortError("last_epoch must be -1")
    if scale_fn is not None:
        raise PortError("scale_fn must be None: its rates are whatever its function returns")
    mode = check_one_of("mode", mode, ("triangular", "triangular2", "exp_range"))
    low, high = check_rate("base_lr", base_lr), check_rate("max_lr", max_lr)
    c.note_default("step_size_up", step_size_up)
    up = check_whole("step_size_up", step_size_up, 1, floats=True)
    down = up if step_size_down is None else check_whole("step_size_down", step_size_down, 1, floats=True)
    if cycle_momentum is not False:
        c.traps.append("CyclicLR cycles the momentum too unless cycle_momentum=False, and refuses plain SGD.")
    if mode == "exp_range" and gamma != 1.0:
        return _read_decaying_cycle(c, low, high, up, down, gamma)
    decay = {"decay": 0.5, "min_lr": low} if mode == "triangular2" else {}
    return build_cycles(low, high, up, down, **decay)


def _read_decaying_cycle(c: Context, low: float, high: float, up: int, down: int, gamma: Any) -> Schedule:
    """Read CyclicLR(mode="exp_range"): the height above `low` is multiplied by gamma at each update."""
    factor = check_above_0("gamma", gamma)
    if high < low:
        raise PortError(f"max_lr must be at least base_lr for mode='exp_range', got {high!r} and {low!r}: the "
                        "specification adds to a rate and subtracts nothing")
    height = read_increase(c, "CyclicLR", high - low, factor, 1) if factor > 1 else Exponential(
        base_lr=high - low, factor=factor, updates=1)
    decay = Product(of=[build_cycles(0.0, 1.0, up, down), height])
    return Sum(of=[Constant(base_lr=low), decay]) if low else decay


def read_one_cycle_lr(c: Context, optimizer: Any, max_lr: Any, total_steps: Any = None, epochs: Any = None,
                      steps_per_epoch: Any = None, pct_start: Any = 0.3, anneal_strategy: Any = "cos",
                      cycle_momentum: Any = True, base_momentum: Any = 0.85, max_momentum: Any = 0.95,
                      div_factor: Any = 25.0, final_div_factor: Any = 1e4, three_phase: Any = False,
                      last_epoch: Any = -1) -> Schedule:
    """Read a rate up to max_lr by update pct_start * total_steps - 1, down by update total_steps - 1."""
    check_optimizer(optimizer)
    if last_epoch != -1:
        raise PortError("last_epoch must be -1")
    if total_steps is None:
        if epochs is None or steps_per_epoch is None:
            raise PortError("You must define either total_steps OR (epochs AND steps_per_epoch)")
        total_steps = check_whole("epochs", epochs, 1) * check_whole("steps_per_epoch", steps_per_epoch, 1)
    total, share = check_whole("total_steps", total_steps, 1), check_number("pct_start", pct_start, 0, 1)
    high = check_rate("max_lr", max_lr)
    first = high / check_positive("div_factor", div_factor)
    last = first / check_positive("final_div_factor", final_div_factor)
    rates, ends = [first, high, last], [share * total - 1, total - 1.0]
    if three_phase:
        rates, ends = [first, high, first, last], [share * total - 1, 2 * share * total - 2, total - 1.0]
    lengths = _split_phases(ends, rates[1:], high)
    if cycle_momentum is not False:
        c.traps.append("OneCycleLR cycles the momentum too unless cycle_momentum=False.")
    is_cosine = check_one_of("anneal_strategy", anneal_strategy, ("cos", "linear")) == "cos"
    after = _go_beyond(rates[-2], last, (total - ends[-2]) / (ends[-1] - ends[-2]), is_cosine=is_cosine)
    c.traps.append(f"OneCycleLR makes update {total} too, at {after:.5g} (past its last rate), and raises ValueError "
                   f"after it; the specification holds the rate of update {total - 1}.")
    if lengths is None:
        return build_curves(rates, ends, "cosine" if is_cosine else "linear")
    parts: list[Schedule] = [
        Cosine(base_lr=start, final_lr=end, updates=length) if is_cosine else
        Polynomial(base_lr=start, final_lr=end, power=1, updates=length)
        for start, end, length in zip(rates, rates[1:], lengths)]
    return _join(parts, lengths)


def read_swa_lr(c: Context, optimizer: Any, swa_lr: Any, anneal_epochs: Any = 10, anneal_strategy: Any = "cos",
                last_epoch: Any = -1) -> Schedule:
    """Read a cosine or a line from the optimizer's rate to swa_lr, over anneal_epochs updates."""
    base, end = find_initial_rate(c, optimizer, last_epoch), check_rate("swa_lr", swa_lr)
    updates, rule = check_whole("anneal_epochs", anneal_epochs), check_one_of("anneal_strategy", anneal_strategy,
                                                                              ("cos", "linear"))
    c.note_default("anneal_epochs", anneal_epochs)
    if not updates:
        return Constant(base_lr=end)
    return Cosine(base_lr=base, final_lr=end, updates=updates) if rule == "cos" else Polynomial(
        base_lr=base, final_lr=end, power=1, updates=updates)


def _go_beyond(first: float, last: float, share: float, *, is_cosine: bool) -> float:
    """Return the rate of OneCycleLR's last phase at a share of its length above 1."""
    return last + (first - last) / 2 * (1 + math.cos(math.pi * share)) if is_cosine else (last - first) * share + first


def _split_phases(ends: list[float], reached: list[float], high: float) -> list[int] | None:
    """Return the number of updates of each phase, None if a phase ends between two updates.

    An end counts as whole if the difference is a rounding error. torch then turns early or late by this fraction of an
    update. Its rate is off by less than this share of the highest rate, at most 1e-9 of the rate that is reached.
    Raises PortError for a phase without updates.
    """
    exact = [end - start for start, end in zip([0.0, *ends], ends)]
    turns = [round(end) for end in ends]
    lengths = [end - start for start, end in zip([0, *turns], turns)]
    near = all(abs(end - turn) * high <= 1e-9 * rate for end, turn, rate in zip(ends, turns, reached))
    if min(exact) <= 0 or (near and min(lengths) < 1):
        raise PortError(f"its phases are {', '.join(map(repr, exact))} updates long: each must be above 0")
    return lengths if near else None


def _join(parts: list[Schedule], lengths: list[int]) -> Schedule:
    boundaries = [sum(lengths[:index]) for index in range(1, len(lengths))]
    return Sequence(parts=parts, boundaries=boundaries) if boundaries else parts[0]
