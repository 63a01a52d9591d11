"""Reads fairseq's schedulers, with the fields of their configuration as arguments.

The trainer sets the rate before the first update and after each one, from the number of updates already made. The
warm-up is counted by it too. Source: fairseq 0.12.2, optim/lr_scheduler/ and trainer.py.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

from frameworks.schedule import (
    Cosine,
    Factor,
    Hold,
    InverseSquareRoot,
    Piecewise,
    Polynomial,
    Product,
    Repeat,
    Schedule,
    Shift,
    Sum,
    Warmup,
)
from parity.port.cycles import build_cycles
from parity.port.read.arguments import Context, check_above_0, check_number, check_positive, check_rate, check_whole
from parity.port.read.curves import add_warmup, build_annealing, build_constant, join
from parity.port.read.literal import PortError

REFUSED = {
    "ReduceLROnPlateauLRSchedule": "its rates depend on the training's metric, not on the update alone",
    "ManualSchedule": "its rates are written for epochs and updates: specify them as a piecewise schedule",
    "PassThroughScheduleSchedule": "its rates are those of the optimizer's scheduler"}


def read_inverse_sqrt(c: Context, lr: Any, warmup_updates: Any = 4000, warmup_init_lr: Any = -1) -> Schedule:
    """Read a line up, then one over the square root of the number of updates."""
    base, warm = check_rate("lr", lr), check_whole("warmup_updates", warmup_updates)
    if not warm:
        raise PortError("warmup_updates must be at least 1: the class divides by it")
    c.note_default("warmup_updates", warm)
    begin = _read_begin(warmup_init_lr, 0.0)
    return Warmup(updates=warm, begin_lr=begin, then=InverseSquareRoot(base_lr=base, timescale=float(warm)))


def read_polynomial_decay(c: Context, lr: Any, total_num_update: Any = None, warmup_updates: Any = 0,
                          force_anneal: Any = None, end_learning_rate: Any = 0.0, power: Any = 1.0,
                          max_update: Any = None) -> Schedule:
    """Read a line up, then a power of the remaining share until total_num_update, which includes the warm-up."""
    base, end = check_rate("lr", lr), check_number("end_learning_rate", end_learning_rate)
    if total_num_update is None and max_update is None:
        raise PortError("total_num_update must be given, or max_update, its default")
    c.note_default("total_num_update", f"max_update, {max_update}")
    total = max_update if total_num_update is None else total_num_update
    total = check_whole("total_num_update", total, 1, floats=True)
    warm, exponent = check_whole("warmup_updates", warmup_updates), check_positive("power", power)
    if force_anneal is not None:
        raise PortError("force_anneal is not expressible: each epoch then begins at the last rate of the one before")
    if warm and total <= warm:
        return join([warm + 1], Warmup(updates=warm, then=build_constant(base)), build_constant(end))
    decay = Polynomial(base_lr=base, final_lr=end, power=exponent, updates=total - warm)
    return add_warmup("warmup_updates", warm, decay)


def read_cosine(c: Context, lr: Any, warmup_updates: Any = 0, warmup_init_lr: Any = -1, min_lr: Any = 0.0,
                t_mult: Any = 1.0, lr_period_updates: Any = -1, lr_shrink: Any = 0.1, max_update: Any = 0) -> Schedule:
    """Read a line up, then cosines down, of which each is lr_shrink as high as the one before."""
    base, low = check_rate("lr", lr), check_number("min_lr", min_lr)
    warm = check_whole("warmup_updates", warmup_updates)
    if not base > low:
        raise PortError(f"lr must be above min_lr, got {base:g} and {low:g}")
    period = check_number("lr_period_updates", lr_period_updates, None)
    if period <= 0:
        c.note_default("lr_period_updates", f"max_update - warmup_updates, {max_update} - {warm}")
        period = check_whole("max_update", max_update, 1, floats=True) - warm
    length, growth = check_whole("lr_period_updates", period, 1, floats=True), check_number("t_mult", t_mult, 1)
    shrink = _read_shrink(lr_shrink)
    if shrink < 1:
        c.traps.append(f"At the end of a period the rate jumps to {shrink:g} of lr, also where training ends there.")
    if growth == 1:
        after: Schedule = Repeat(updates=length, decay=shrink, of=Cosine(base_lr=base, final_lr=low, updates=length))
    else:
        after = _read_growing(c, base, low, length, check_whole("t_mult", growth, 2, floats=True), shrink)
    return Warmup(updates=warm, begin_lr=_read_begin(warmup_init_lr, low), peak_lr=base, then=after) if warm else after


def read_fixed(c: Context, lr: Any, force_anneal: Any = None, lr_shrink: Any = 0.1,
               warmup_updates: Any = 0) -> Schedule:
    """Read a rate for each epoch, after a line up that begins at one share of it and not at 0."""
    rates = [check_number("lr", rate) for rate in (lr if isinstance(lr, list | tuple) else [lr])]
    warm = check_whole("warmup_updates", warmup_updates)
    if warm:
        c.traps.append("The warm-up of fixed counts from 1: its first rate is 1/W, and update W - 1 has the whole one.")
    if len(set(rates)) == 1 and force_anneal is None:
        return Shift(by=1, of=Warmup(updates=warm, then=build_constant(rates[0]))) if warm else build_constant(rates[0])
    by_epoch = _change(rates)
    if force_anneal is not None:
        first, shrink = check_whole("force_anneal", force_anneal) - 1, _read_shrink(lr_shrink)
        after = Factor(base_lr=rates[-1] * shrink ** (1 if first >= 0 else 2), factor=shrink)
        by_epoch = join([first], _change(rates[:first]), after) if first > 0 else after
    decay = Hold(updates=c.need_epochs(), of=by_epoch)
    return Product(of=[Shift(by=1, of=Warmup(updates=warm, then=build_constant(1.0))), decay]) if warm else decay


def read_triangular(c: Context, lr: Any, max_lr: Any, lr_period_updates: Any = 5000, lr_shrink: Any = 0.1,
                    shrink_min: Any = False) -> Schedule:
    """Read lines up to max_lr and down to lr; max_lr is multiplied by lr_shrink after each cycle."""
    low, high = check_rate("lr", lr), check_number("max_lr", max_lr)
    if not high > low:
        raise PortError(f"lr must be below max_lr, got {low:g} and {high:g}")
    c.note_default("lr_period_updates", lr_period_updates)
    half = int(check_number("lr_period_updates", lr_period_updates, 2) // 2)
    shrink = _read_shrink(lr_shrink)
    if shrink == 1 or shrink_min or not low:
        return build_cycles(low, high, half, half, decay=shrink)
    c.traps.append("Where max_lr has shrunk below lr, the rate decreases first.")
    return Sum(of=[build_cycles(low, 0.0, half, half), build_cycles(0.0, high, half, half, decay=shrink)])


def read_tri_stage(c: Context, lr: Any, warmup_steps: Any = 0, hold_steps: Any = 0, decay_steps: Any = 0,
                   phase_ratio: Any = None, init_lr_scale: Any = 0.01, final_lr_scale: Any = 0.01,
                   max_update: Any = 0) -> Schedule:
    """Read a line up, a constant rate, and an exponential down."""
    base = check_rate("lr", lr)
    first = base * check_number("init_lr_scale", init_lr_scale)
    last = base * check_positive("final_lr_scale", final_lr_scale)
    steps = [warmup_steps, hold_steps, decay_steps]
    if phase_ratio is not None:
        if not isinstance(phase_ratio, list | tuple) or len(phase_ratio) != 3 or sum(phase_ratio) != 1:
            raise PortError(f"phase_ratio must be three shares that add up to 1, got {phase_ratio!r}")
        total = check_whole("max_update", max_update, 1, floats=True)
        steps = [int(total * check_number("phase_ratio", share)) for share in phase_ratio]
    warm, hold, decay = (check_whole(name, value) for name, value in zip(
        ("warmup_steps", "hold_steps", "decay_steps"), steps))
    if not decay:
        raise PortError("decay_steps must be at least 1: the class divides by it")
    down = build_annealing(base, last, decay, "exponential")
    after = join([hold], build_constant(base), down) if hold else down
    return add_warmup("warmup_steps", warm, after, first)


def read_step(c: Context, lr: Any, warmup_updates: Any = 0, warmup_init_lr: Any = -1, min_lr: Any = 0.0,
              lr_deacy_period: Any = 25000, lr_decay: Any = 0.5) -> Schedule:
    """Read a line up, then drops every lr_deacy_period updates, which do not count the warm-up, down to min_lr."""
    base, low = check_rate("lr", lr), check_number("min_lr", min_lr)
    if not base > low:
        raise PortError(f"lr must be above min_lr, got {base:g} and {low:g}")
    c.note_default("lr_deacy_period", lr_deacy_period)
    after = Factor(base_lr=base, factor=_read_shrink(lr_decay, "lr_decay"), min_lr=low,
                   every=check_whole("lr_deacy_period", lr_deacy_period, 1))
    return add_warmup("warmup_updates", warmup_updates, after, _read_begin(warmup_init_lr, low))


def _read_begin(value: Any, default: float) -> float:
    begin = check_number("warmup_init_lr", value, None)
    return begin if begin >= 0 else default


def _read_shrink(value: Any, name: str = "lr_shrink") -> float:
    if check_above_0(name, value) > 1:
        raise PortError(f"{name} must be at most 1, got {value!r}: the rate would increase without end")
    return float(value)


def _change(rates: list[float]) -> Schedule:
    return Piecewise(values=rates, boundaries=list(range(1, len(rates))))


def _read_growing(c: Context, base: float, low: float, length: int, growth: int, shrink: float) -> Schedule:
    """Return cosines down of which each is `growth` times as long as the one before, until update 2^40.

    The class finds the period by a logarithm in float64, which can be one update late at the beginning of a period.
    """
    parts, starts = [], [0]
    while starts[-1] < 2**40:
        count, start = len(parts), starts[-1]
        height, updates = shrink**count, length * growth**count
        cosine = Cosine(base_lr=base * height, final_lr=low * height, updates=updates)
        late = count and math.floor(math.log(1 - start / length * (1 - growth), growth)) < count
        parts.append(join([1], build_constant(low * shrink ** (count - 1)), Shift(by=1, of=cosine)) if late else cosine)
        starts.append(start + updates)
    c.followed.append(starts[-1])
    return join([end - start for start, end in itertools.pairwise(starts)][:-1], *parts)


READERS = {
    "InverseSquareRootSchedule": read_inverse_sqrt, "PolynomialDecayLRSchedule": read_polynomial_decay,
    "CosineLRSchedule": read_cosine, "FixedLRSchedule": read_fixed, "TriangularLRSchedule": read_triangular,
    "TriStageLRSchedule": read_tri_stage, "StepLRSchedule": read_step}
