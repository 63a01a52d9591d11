"""Reads timm's schedulers: step_update() after every update, or step() after every epoch. They multiply the rate.

Source: timm 1.0, scheduler/.
"""

from __future__ import annotations

import math
from typing import Any

from frameworks.schedule import (
    CosineRestarts,
    Factor,
    Hold,
    InverseSquareRoot,
    Polynomial,
    PowerLaw,
    Product,
    Repeat,
    Schedule,
    Shift,
    Warmup,
)
from parity.port.read import curves
from parity.port.read.arguments import Context, check_number, check_one_of, check_positive, check_whole
from parity.port.read.drops import MAX_DROPS, drop_at
from parity.port.read.literal import PortError
from parity.port.read.torch_optimizers import find_initial_rate

REFUSED = {"TanhLRScheduler": "a hyperbolic tangent is not expressible",
           "PlateauLRScheduler": "its rates depend on the training's metric, not on the update alone",
           "create_scheduler": "it reads the arguments of train.py: give these, or create_scheduler_v2"}


def read_cosine(c: Context, optimizer: Any, t_initial: Any, lr_min: Any = 0.0, cycle_mul: Any = 1.0,
                cycle_decay: Any = 1.0,
                cycle_limit: Any = 1, warmup_t: Any = 0, warmup_lr_init: Any = 0, warmup_prefix: Any = False,
                t_in_epochs: Any = True, noise_range_t: Any = None, noise_pct: Any = 0.67, noise_std: Any = 1.0,
                noise_seed: Any = 42, k_decay: Any = 1.0, initialize: Any = True) -> Schedule:
    """Read cosine cycles down to lr_min, which is held after cycle_limit of them."""
    base, low, length = find_initial_rate(c, optimizer, -1), check_number("lr_min", lr_min), check_whole("t_initial",
                                                                                                         t_initial, 1)
    bend = check_positive("k_decay", k_decay)
    cycle = curves.build_half_cosine(base, low, length) if bend == 1 else curves.build_annealing(base, low, length,
                                                                                               "cosine",
                                                                                 elapsed_power=bend)
    cycles = CosineRestarts(base_lr=base, final_lr=low, updates=length, growth=_read_growth(cycle_mul),
                            decay=check_number("cycle_decay", cycle_decay), sinks="peak")
    after = _limit(cycle, cycles if bend == 1 else None, length, cycle_mul, cycle_limit, low)
    return _finish(c, base, after, warmup_t, warmup_lr_init, warmup_prefix, t_in_epochs, noise_range_t)


def read_poly(c: Context, optimizer: Any, t_initial: Any, power: Any = 0.5, lr_min: Any = 0.0, cycle_mul: Any = 1.0,
              cycle_decay: Any = 1.0, cycle_limit: Any = 1, warmup_t: Any = 0, warmup_lr_init: Any = 0.0,
              warmup_prefix: Any = False, t_in_epochs: Any = True, noise_range_t: Any = None, noise_pct: Any = 0.67,
              noise_std: Any = 1.0, noise_seed: Any = 42, k_decay: Any = 1.0, initialize: Any = True) -> Schedule:
    """Read a power of the remaining share; its default power is 0.5."""
    base, low, length = find_initial_rate(c, optimizer, -1), check_number("lr_min", lr_min), check_whole("t_initial",
                                                                                                         t_initial, 1)
    exponent, bend = check_positive("power", power), check_positive("k_decay", k_decay)
    cycle: Schedule = (Polynomial(base_lr=base, final_lr=low, power=exponent, updates=length) if bend == 1
                     else curves.build_annealing(base, low, length, power=exponent, elapsed_power=bend))
    same = _read_growth(cycle_mul) == 1 and cycle_decay == 1
    after = _limit(cycle, Repeat(updates=length, of=cycle) if same else None, length, cycle_mul, cycle_limit, low)
    return _finish(c, base, after, warmup_t, warmup_lr_init, warmup_prefix, t_in_epochs, noise_range_t)


def read_step(c: Context, optimizer: Any, decay_t: Any, decay_rate: Any = 1.0, warmup_t: Any = 0,
              warmup_lr_init: Any = 0.0,
              warmup_prefix: Any = True, t_in_epochs: Any = True, noise_range_t: Any = None, noise_pct: Any = 0.67,
              noise_std: Any = 1.0, noise_seed: Any = 42, initialize: Any = True) -> Schedule:
    """Read drops every decay_t, which need not be whole."""
    base, every = find_initial_rate(c, optimizer, -1), check_positive("decay_t", decay_t)
    rate = check_number("decay_rate", decay_rate)
    if every.is_integer() and 0 < rate <= 1:
        after: Schedule = Factor(base_lr=base, factor=rate, every=int(every))
    else:
        drops = [math.ceil(count * every) for count in range(1, MAX_DROPS + 1)]
        if rate > 1:
            raise PortError(f"decay_rate must be at most 1, got {rate!r}: the rate would increase without end")
        c.traps.append(f"The first {MAX_DROPS:,} drops are read.")
        c.followed.append(drops[-1])
        after = drop_at("decay_rate", base, rate, drops)
    return _finish(c, base, after, warmup_t, warmup_lr_init, warmup_prefix, t_in_epochs, noise_range_t)


def read_multi_step(c: Context, optimizer: Any, decay_t: Any, decay_rate: Any = 1.0, warmup_t: Any = 0,
                    warmup_lr_init: Any = 0.0, warmup_prefix: Any = True, t_in_epochs: Any = True,
                    noise_range_t: Any = None,
                    noise_pct: Any = 0.67, noise_std: Any = 1.0, noise_seed: Any = 42,
                    initialize: Any = True) -> Schedule:
    """Read drops at milestones: milestone m drops at m - 1."""
    base = find_initial_rate(c, optimizer, -1)
    if not isinstance(decay_t, list | tuple):
        raise PortError(f"decay_t must be a list of whole numbers, got {decay_t!r}")
    c.traps.append("timm's MultiStepLRScheduler drops one update (or epoch) before its milestone.")
    after = drop_at("decay_rate", base, check_number("decay_rate", decay_rate, None), [
        check_whole("decay_t", at, floats=True) - 1 for at in decay_t])
    return _finish(c, base, after, warmup_t, warmup_lr_init, warmup_prefix, t_in_epochs, noise_range_t)


def read_wsd(c: Context, optimizer: Any, t_initial: Any, decay_t: Any, lr_min: Any = 0.0, stable_fn: Any = "constant",
             stable_timescale: Any = None, stable_power: Any = 0.5, decay_fn: Any = "1-sqrt", decay_power: Any = 0.5,
             decay_ratio: Any = 0.1, warmup_t: Any = 0, warmup_lr_init: Any = 0.0, t_in_epochs: Any = True,
             noise_range_t: Any = None, noise_pct: Any = 0.67, noise_std: Any = 1.0, noise_seed: Any = 42,
             initialize: Any = True) -> Schedule:
    """Read a stable phase and a decay, of t_initial together, after the warm-up."""
    base, low = find_initial_rate(c, optimizer, -1), check_number("lr_min", lr_min)
    total, decay = check_whole("t_initial", t_initial, 1), check_whole("decay_t", decay_t, 1)
    stable, rule = total - decay, check_one_of("decay_fn", decay_fn, ("linear", "1-sqrt", "cosine", "power", "exp"))
    if stable < 0:
        raise PortError(f"Invalid decay_t ({decay}), must be in (0, t_initial] w/ t_initial={total}")
    if rule == "exp":
        raise PortError("decay_fn='exp' is an exponential minus a constant: not expressible")
    plain = check_one_of("stable_fn", stable_fn, ("constant", "rsqrt", "power")) == "constant"
    if not plain and low:
        raise PortError(f"lr_min must be 0 with stable_fn={stable_fn!r}, got {low!r}: not expressible")
    first = base if plain else 1.0
    down = {"linear": curves.build_line(first, low, decay), "cosine": curves.build_half_cosine(first, low, decay),
            "1-sqrt": curves.build_annealing(first, low, decay, elapsed_power=0.5),
            "power": curves.build_annealing(first, low, decay,
                                            elapsed_power=check_positive("decay_power", decay_power))}[rule]
    after: Schedule = curves.join([stable], curves.build_constant(first), down) if stable else down
    if not plain:
        scale = check_positive("stable_timescale", warmup_t if stable_timescale is None else stable_timescale)
        power = 0.5 if stable_fn == "rsqrt" else check_positive("stable_power", stable_power)
        curve = InverseSquareRoot(base_lr=base, timescale=scale) if power == 0.5 else PowerLaw(
            base_lr=base, timescale=scale, power=power)
        after = Product(of=[curve, after])
    return _finish(c, base, after, warmup_t, warmup_lr_init, True, t_in_epochs, noise_range_t)


def _read_growth(value: Any) -> int:
    growth = check_number("cycle_mul", value, 1)
    if not growth.is_integer():
        raise PortError(f"cycle_mul must be a whole number, got {value!r}: the specification counts whole updates")
    return int(growth)


def _limit(cycle: Schedule, cycles: Schedule | None, length: int, growth: Any, limit: Any, low: float) -> Schedule:
    """Return the first cycles, and lr_min after them. cycles: without end (None: more than one is not expressible)."""
    count = check_whole("cycle_limit", limit)
    if count == 0:
        return curves.build_constant(low)
    if count == 1:
        return cycle
    if cycles is None:
        raise PortError("cycle_limit must be 1 with these arguments: their cycles are not expressible")
    return curves.join([sum(length * int(growth) ** index for index in range(count))], cycles,
                       curves.build_constant(low))


def _finish(c: Context, base: float, after: Schedule, warmup_t: Any, begin: Any, prefix: Any, in_epochs: Any,
            noise: Any) -> Schedule:
    """Add the warm-up, and count epochs if the scheduler does."""
    if noise is not None:
        raise PortError("noise_range_t must be None: the rates are random")
    warm = check_whole("warmup_t", warmup_t)
    if warm:
        clock = "restart" if prefix else "keep"
        if not prefix:
            c.traps.append("Without warmup_prefix=True the schedule starts with the warm-up: the rate jumps at its "
                            "end.")
        after = Warmup(updates=warm, begin_lr=check_number("warmup_lr_init", begin), peak_lr=base, clock=clock,
                       then=after)
    elif after.lr(0) != base:  # timm applies its first value at the first step only
        after = curves.join([1], curves.build_constant(base), Shift(by=1, of=after))
    return Hold(updates=c.need_epochs(), of=after) if in_epochs else after


READERS = {"CosineLRScheduler": read_cosine, "PolyLRScheduler": read_poly, "StepLRScheduler": read_step,
           "MultiStepLRScheduler": read_multi_step, "WSDLRScheduler": read_wsd}
