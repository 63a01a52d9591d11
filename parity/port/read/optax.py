"""Reads optax's schedules: functions of the number of updates already made, in float32.

Source: optax 0.2, schedules/.
"""

from __future__ import annotations

from typing import Any

from frameworks.schedule import Clamp, Exponential, Factor, Polynomial, Schedule, Warmup
from frameworks.schedule.fields import MAX_RATE
from parity.port.read.arguments import Context, above_0, bound, number, one_of, positive, whole, whole_list
from parity.port.read.curves import bent, differences, flat, joined, line, wave
from parity.port.read.literal import Call, PortError

REFUSED = {"reduce_on_plateau": "its rates depend on the training's metric, not on the update alone",
           "inject_hyperparams": "it is not a schedule", "inject_stateful_hyperparams": "it is not a schedule"}


def constant(c: Context, value: Any) -> Schedule:
    """Read a constant rate."""
    return flat(number("value", value))


def linear(c: Context, init_value: Any, end_value: Any, transition_steps: Any, transition_begin: Any = 0) -> Schedule:
    """Read a line, after transition_begin updates at its first rate."""
    return polynomial(c, init_value, end_value, 1, transition_steps, transition_begin)


def polynomial(c: Context, init_value: Any, end_value: Any, power: Any, transition_steps: Any,
               transition_begin: Any = 0) -> Schedule:
    """Read a power of the remaining share, after transition_begin updates at its first rate."""
    first, last = number("init_value", init_value), number("end_value", end_value)
    steps, begin = whole("transition_steps", transition_steps, None), whole("transition_begin", transition_begin, None)
    if steps <= 0:
        c.traps.append("With transition_steps of 0 or less optax stays at init_value.")
        return flat(first)
    curve = Polynomial(base_lr=first, final_lr=last, power=positive("power", power), updates=steps)
    return _begin(max(begin, 0), first, curve)


def piecewise_constant(c: Context, init_value: Any, boundaries_and_scales: Any = None) -> Schedule:
    """Read a rate that is multiplied at each boundary."""
    first = number("init_value", init_value)
    rates, ends = _read_rates(first, boundaries_and_scales)
    return joined(differences(ends), *map(flat, rates)) if ends else flat(first)


def piecewise_interpolate(c: Context, interpolate_type: Any, init_value: Any,
                          boundaries_and_scales: Any = None) -> Schedule:
    """Read lines or cosines between the rates of a piecewise constant schedule."""
    kind = one_of("interpolate_type", interpolate_type, ("linear", "cosine"))
    first = number("init_value", init_value)
    rates, ends = _read_rates(first, boundaries_and_scales)
    lengths = differences(ends)
    curve = line if kind == "linear" else wave
    parts = [curve(start, end, length) for start, end, length in zip(rates, rates[1:], lengths)]
    return joined(lengths, *parts, flat(rates[-1])) if parts else flat(first)


def exponential(c: Context, init_value: Any, transition_steps: Any, decay_rate: Any, transition_begin: Any = 0,
                staircase: Any = False, end_value: Any = None) -> Schedule:
    """Read a factor every transition_steps updates, smooth or in steps, down or up to end_value."""
    first, factor = number("init_value", init_value), above_0("decay_rate", decay_rate)
    steps, begin = whole("transition_steps", transition_steps, 1), whole("transition_begin", transition_begin)
    end = None if end_value is None else number("end_value", end_value)
    if end is not None and (end >= first if factor < 1 else end <= first):
        return flat(end)  # the bound applies to every update
    if factor > 1:
        if staircase:
            raise PortError("staircase must be False with a decay_rate above 1: not expressible")
        rising = Exponential(base_lr=first, factor=factor, updates=steps, max_lr=MAX_RATE if end is None else end)
        return _begin(begin, first, rising)
    if staircase:
        falling: Schedule = Factor(base_lr=first, factor=factor, every=steps, min_lr=end or 0.0)
    else:
        falling = Exponential(base_lr=first, factor=factor, updates=steps)
        if end:
            falling = Clamp(min_lr=end, max_lr=first, of=falling)
    return _begin(begin, first, falling)


def cosine_decay(c: Context, init_value: Any, decay_steps: Any, alpha: Any = 0.0, exponent: Any = 1.0) -> Schedule:
    """Read a cosine decay to a share alpha of the first rate."""
    first = number("init_value", init_value)
    return _bend(first, number("alpha", alpha) * first, whole("decay_steps", decay_steps, 1), exponent)


def linear_one_cycle(c: Context, transition_steps: Any, peak_value: Any, pct_start: Any = 0.3, pct_final: Any = 0.85,
                     div_factor: Any = 25.0, final_div_factor: Any = 1e4) -> Schedule:
    """Read three lines; their ends are rounded down to whole updates."""
    total, high = whole("transition_steps", transition_steps, 1), number("peak_value", peak_value)
    low = high / positive("div_factor", div_factor)
    ends = [int(number("pct_start", pct_start, 0, 1) * total), int(number("pct_final", pct_final, 0, 1) * total), total]
    rates = [low, high, low, low / positive("final_div_factor", final_div_factor)]
    return _join(rates, ends, line)


def cosine_one_cycle(c: Context, transition_steps: Any, peak_value: Any, pct_start: Any = 0.3, div_factor: Any = 25.0,
                     final_div_factor: Any = 1e4) -> Schedule:
    """Read two cosines; the first ends at a whole update."""
    total, high = whole("transition_steps", transition_steps, 1), number("peak_value", peak_value)
    low = high / positive("div_factor", div_factor)
    ends = [int(number("pct_start", pct_start, 0, 1) * total), total]
    return _join([low, high, low / positive("final_div_factor", final_div_factor)], ends, wave)


def warmup_cosine_decay(c: Context, init_value: Any, peak_value: Any, warmup_steps: Any, decay_steps: Any,
                        end_value: Any = 0.0, exponent: Any = 1.0) -> Schedule:
    """Read a line up, then a cosine down. decay_steps includes the warm-up."""
    high, warm = number("peak_value", peak_value), whole("warmup_steps", warmup_steps)
    left = whole("decay_steps", decay_steps, 1) - warm
    if left < 1:
        raise PortError(f"decay_steps includes the warm-up: it must be above warmup_steps, {warm}, got {decay_steps}")
    c.traps.append("decay_steps includes the warm-up.")
    after = _bend(high, number("end_value", end_value), left, exponent)
    return Warmup(updates=warm, begin_lr=number("init_value", init_value), then=after) if warm else after


def warmup_exponential_decay(c: Context, init_value: Any, peak_value: Any, warmup_steps: Any, transition_steps: Any,
                             decay_rate: Any, transition_begin: Any = 0, staircase: Any = False,
                             end_value: Any = None) -> Schedule:
    """Read a line up, then an exponential decay."""
    after = exponential(c, peak_value, transition_steps, decay_rate, transition_begin, staircase, end_value)
    warm = whole("warmup_steps", warmup_steps)
    return Warmup(updates=warm, begin_lr=number("init_value", init_value), then=after) if warm else after


def sgdr(c: Context, cosine_kwargs: Any) -> Schedule:
    """Read cosine cycles, each with a warm-up of its length."""
    if not isinstance(cosine_kwargs, list | tuple) or not cosine_kwargs:
        raise PortError("cosine_kwargs must be a list of dicts")
    parts, lengths = [], []
    for given in cosine_kwargs:
        if not isinstance(given, dict):
            raise PortError(f"cosine_kwargs must be a list of dicts, got {given!r}")
        options = bound(Call("cosine_kwargs", (), given), warmup_cosine_decay)
        parts.append(warmup_cosine_decay(c, **options))
        lengths.append(whole("decay_steps", options["decay_steps"], 1))
    return joined(lengths[:-1], *parts) if len(parts) > 1 else parts[0]


def join_schedules(c: Context, schedules: Any, boundaries: Any) -> Schedule:
    """Read schedules one after another, each with a separate clock."""
    if not isinstance(schedules, list | tuple) or not all(isinstance(item, Call) for item in schedules):
        raise PortError("schedules must be a list of their constructors, written out")
    ends = whole_list("boundaries", boundaries) if boundaries else []
    if len(ends) != len(schedules) - 1:
        raise PortError(f"boundaries must be one fewer than schedules, got {len(ends)} and {len(schedules)}")
    parts = [c.inner(call) for call in schedules]
    return joined(differences(ends), *parts) if ends else parts[0]


def finish(c: Context, name: str, given: dict[str, Any], schedule: Schedule) -> Schedule:
    """Return the schedule, with a trap about the precision."""
    c.traps.append("optax computes in float32: its rates are some ULP off.")
    return schedule


def _bend(first: float, last: float, updates: int, exponent: Any) -> Schedule:
    power = positive("exponent", exponent)
    return wave(first, last, updates) if power == 1 else bent(first, last, updates, "cosine", power=power)


def _begin(updates: int, first: float, then: Schedule) -> Schedule:
    return joined([updates], flat(first), then) if updates else then


def _join(rates: list[float], ends: list[int], curve: Any) -> Schedule:
    lengths = differences(ends)
    if min(lengths) < 1:
        raise PortError(f"each phase must have an update, got {lengths}")
    return joined(lengths[:-1], *(curve(start, end, length) for start, end, length in zip(rates, rates[1:], lengths)))


def _read_rates(first: float, scales: Any) -> tuple[list[float], list[int]]:
    """Return the rates between the boundaries, and the boundaries."""
    if scales is not None and not isinstance(scales, dict):
        raise PortError(f"boundaries_and_scales must be a dict, got {scales!r}")
    given = {whole("boundaries_and_scales", at, 1): number("boundaries_and_scales", scale)
             for at, scale in (scales or {}).items()}
    rates = [first]
    for end in sorted(given):
        rates.append(rates[-1] * given[end])
    return rates, sorted(given)


def _warmup_constant(c: Context, init_value: Any, peak_value: Any, warmup_steps: Any) -> Schedule:
    return linear(c, init_value, peak_value, warmup_steps)


READERS = {
    "constant_schedule": constant, "linear_schedule": linear, "polynomial_schedule": polynomial,
    "piecewise_constant_schedule": piecewise_constant, "piecewise_interpolate_schedule": piecewise_interpolate,
    "exponential_decay": exponential, "cosine_decay_schedule": cosine_decay,
    "linear_onecycle_schedule": linear_one_cycle, "cosine_onecycle_schedule": cosine_one_cycle,
    "warmup_constant_schedule": _warmup_constant,
    "warmup_cosine_decay_schedule": warmup_cosine_decay,
    "warmup_exponential_decay_schedule": warmup_exponential_decay, "sgdr_schedule": sgdr,
    "join_schedules": join_schedules}
