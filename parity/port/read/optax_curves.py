"""Reads optax's single curves. Source: optax 0.2, schedules/_schedule.py."""

from __future__ import annotations

from typing import Any

from frameworks.schedule import Clamp, Exponential, Factor, Polynomial, Schedule
from frameworks.schedule.fields import MAX_RATE
from parity.port.read import curves
from parity.port.read.arguments import (
    Context,
    check_above_0,
    check_number,
    check_one_of,
    check_positive,
    check_whole,
)
from parity.port.read.literal import PortError


def read_constant(c: Context, value: Any) -> Schedule:
    """Read a constant rate."""
    return curves.build_constant(check_number("value", value))


def read_linear(c: Context, init_value: Any, end_value: Any, transition_steps: Any,
                transition_begin: Any = 0) -> Schedule:
    """Read a line, after transition_begin updates at its first rate."""
    return read_polynomial(c, init_value, end_value, 1, transition_steps, transition_begin)


def read_polynomial(c: Context, init_value: Any, end_value: Any, power: Any, transition_steps: Any,
                    transition_begin: Any = 0) -> Schedule:
    """Read a power of the remaining share, after transition_begin updates at its first rate."""
    first, last = check_number("init_value", init_value), check_number("end_value", end_value)
    steps = check_whole("transition_steps", transition_steps, None)
    begin = check_whole("transition_begin", transition_begin, None)
    if steps <= 0:
        c.traps.append("With transition_steps of 0 or less optax stays at init_value.")
        return curves.build_constant(first)
    curve = Polynomial(base_lr=first, final_lr=last, power=check_positive("power", power), updates=steps)
    return begin_after(max(begin, 0), first, curve)


def read_piecewise_constant(c: Context, init_value: Any, boundaries_and_scales: Any = None) -> Schedule:
    """Read a rate that is multiplied at each boundary."""
    first = check_number("init_value", init_value)
    rates, ends = _read_rates(first, boundaries_and_scales)
    parts = map(curves.build_constant, rates)
    return curves.join(curves.compute_lengths(ends), *parts) if ends else curves.build_constant(first)


def read_piecewise_interpolate(c: Context, interpolate_type: Any, init_value: Any,
                               boundaries_and_scales: Any = None) -> Schedule:
    """Read lines or cosines between the rates of a piecewise constant schedule."""
    kind = check_one_of("interpolate_type", interpolate_type, ("linear", "cosine"))
    first = check_number("init_value", init_value)
    rates, ends = _read_rates(first, boundaries_and_scales)
    lengths = curves.compute_lengths(ends)
    curve = curves.build_line if kind == "linear" else curves.build_half_cosine
    parts = [curve(start, end, length) for start, end, length in zip(rates, rates[1:], lengths)]
    return curves.join(lengths, *parts, curves.build_constant(rates[-1])) if parts else curves.build_constant(first)


def read_exponential(c: Context, init_value: Any, transition_steps: Any, decay_rate: Any, transition_begin: Any = 0,
                     staircase: Any = False, end_value: Any = None) -> Schedule:
    """Read a factor every transition_steps updates, smooth or in steps, down or up to end_value."""
    first, factor = check_number("init_value", init_value), check_above_0("decay_rate", decay_rate)
    steps = check_whole("transition_steps", transition_steps, 1)
    begin = check_whole("transition_begin", transition_begin)
    end = None if end_value is None else check_number("end_value", end_value)
    if end is not None and (end >= first if factor < 1 else end <= first):
        return curves.build_constant(end)  # the bound applies to every update
    if factor > 1:
        if staircase:
            raise PortError("staircase must be False with a decay_rate above 1: not expressible")
        rising = Exponential(base_lr=first, factor=factor, updates=steps, max_lr=MAX_RATE if end is None else end)
        return begin_after(begin, first, rising)
    if staircase:
        falling: Schedule = Factor(base_lr=first, factor=factor, every=steps, min_lr=end or 0.0)
    else:
        falling = Exponential(base_lr=first, factor=factor, updates=steps)
        if end:
            falling = Clamp(min_lr=end, max_lr=first, of=falling)
    return begin_after(begin, first, falling)


def read_cosine_decay(c: Context, init_value: Any, decay_steps: Any, alpha: Any = 0.0, exponent: Any = 1.0) -> Schedule:
    """Read a cosine decay to a share alpha of the first rate."""
    first = check_number("init_value", init_value)
    return bend(first, check_number("alpha", alpha) * first, check_whole("decay_steps", decay_steps, 1), exponent)


def bend(first: float, last: float, updates: int, exponent: Any) -> Schedule:
    """Return a cosine from one rate to another, with a power of its share."""
    power = check_positive("exponent", exponent)
    if power == 1:
        return curves.build_half_cosine(first, last, updates)
    return curves.build_annealing(first, last, updates, "cosine", power=power)


def begin_after(updates: int, first: float, then: Schedule) -> Schedule:
    """Return a schedule that begins after some updates at its first rate."""
    return curves.join([updates], curves.build_constant(first), then) if updates else then


def _read_rates(first: float, scales: Any) -> tuple[list[float], list[int]]:
    """Return the rates between the boundaries, and the boundaries."""
    if scales is not None and not isinstance(scales, dict):
        raise PortError(f"boundaries_and_scales must be a dict, got {scales!r}")
    given = {check_whole("boundaries_and_scales", at, 1): check_number("boundaries_and_scales", scale)
             for at, scale in (scales or {}).items()}
    rates = [first]
    for end in sorted(given):
        rates.append(rates[-1] * given[end])
    return rates, sorted(given)
