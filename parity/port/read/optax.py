"""Reads optax's schedules: functions of the number of updates already made, in float32.

Source: optax 0.2, schedules/.
"""

from __future__ import annotations

from typing import Any

from frameworks.schedule import Schedule, Warmup
from parity.port.read import curves
from parity.port.read.arguments import (
    Context,
    bind_arguments,
    check_number,
    check_positive,
    check_whole,
    check_whole_list,
)
from parity.port.read.literal import Call, PortError
from parity.port.read.optax_curves import (
    bend,
    read_constant,
    read_cosine_decay,
    read_exponential,
    read_linear,
    read_piecewise_constant,
    read_piecewise_interpolate,
    read_polynomial,
)

REFUSED = {"reduce_on_plateau": "its rates depend on the training's metric, not on the update alone",
           "inject_hyperparams": "it is not a schedule", "inject_stateful_hyperparams": "it is not a schedule"}


def read_linear_one_cycle(c: Context, transition_steps: Any, peak_value: Any, pct_start: Any = 0.3,
                          pct_final: Any = 0.85, div_factor: Any = 25.0, final_div_factor: Any = 1e4) -> Schedule:
    """Read three lines; their ends are rounded down to whole updates."""
    total, high = check_whole("transition_steps", transition_steps, 1), check_number("peak_value", peak_value)
    low = high / check_positive("div_factor", div_factor)
    ends = [int(check_number("pct_start", pct_start, 0, 1) * total),
            int(check_number("pct_final", pct_final, 0, 1) * total), total]
    rates = [low, high, low, low / check_positive("final_div_factor", final_div_factor)]
    return _join(rates, ends, curves.build_line)


def read_cosine_one_cycle(c: Context, transition_steps: Any, peak_value: Any, pct_start: Any = 0.3,
                          div_factor: Any = 25.0, final_div_factor: Any = 1e4) -> Schedule:
    """Read two cosines; the first ends at a whole update."""
    total, high = check_whole("transition_steps", transition_steps, 1), check_number("peak_value", peak_value)
    low = high / check_positive("div_factor", div_factor)
    ends = [int(check_number("pct_start", pct_start, 0, 1) * total), total]
    last = low / check_positive("final_div_factor", final_div_factor)
    return _join([low, high, last], ends, curves.build_half_cosine)


def read_warmup_cosine_decay(c: Context, init_value: Any, peak_value: Any, warmup_steps: Any, decay_steps: Any,
                             end_value: Any = 0.0, exponent: Any = 1.0) -> Schedule:
    """Read a line up, then a cosine down. decay_steps includes the warm-up."""
    high, warm = check_number("peak_value", peak_value), check_whole("warmup_steps", warmup_steps)
    left = check_whole("decay_steps", decay_steps, 1) - warm
    if left < 1:
        raise PortError(f"decay_steps includes the warm-up: it must be above warmup_steps, {warm}, got {decay_steps}")
    c.traps.append("decay_steps includes the warm-up.")
    after = bend(high, check_number("end_value", end_value), left, exponent)
    return Warmup(updates=warm, begin_lr=check_number("init_value", init_value), then=after) if warm else after


def read_warmup_exponential_decay(c: Context, init_value: Any, peak_value: Any, warmup_steps: Any,
                                  transition_steps: Any, decay_rate: Any, transition_begin: Any = 0,
                                  staircase: Any = False, end_value: Any = None) -> Schedule:
    """Read a line up, then an exponential decay."""
    after = read_exponential(c, peak_value, transition_steps, decay_rate, transition_begin, staircase, end_value)
    warm = check_whole("warmup_steps", warmup_steps)
    return Warmup(updates=warm, begin_lr=check_number("init_value", init_value), then=after) if warm else after


def read_sgdr(c: Context, cosine_kwargs: Any) -> Schedule:
    """Read cosine cycles, each with a warm-up of its length."""
    if not isinstance(cosine_kwargs, list | tuple) or not cosine_kwargs:
        raise PortError("cosine_kwargs must be a list of dicts")
    parts, lengths = [], []
    for given in cosine_kwargs:
        if not isinstance(given, dict):
            raise PortError(f"cosine_kwargs must be a list of dicts, got {given!r}")
        options = bind_arguments(Call("cosine_kwargs", (), given), read_warmup_cosine_decay)
        parts.append(read_warmup_cosine_decay(c, **options))
        lengths.append(check_whole("decay_steps", options["decay_steps"], 1))
    return curves.join(lengths[:-1], *parts) if len(parts) > 1 else parts[0]


def read_join_schedules(c: Context, schedules: Any, boundaries: Any) -> Schedule:
    """Read schedules one after another, each with a separate clock."""
    if not isinstance(schedules, list | tuple) or not all(isinstance(item, Call) for item in schedules):
        raise PortError("schedules must be a list of their constructors, written out")
    ends = check_whole_list("boundaries", boundaries) if boundaries else []
    if len(ends) != len(schedules) - 1:
        raise PortError(f"boundaries must be one fewer than schedules, got {len(ends)} and {len(schedules)}")
    parts = [c.inner(call) for call in schedules]
    return curves.join(curves.compute_lengths(ends), *parts) if ends else parts[0]


def finish(c: Context, name: str, given: dict[str, Any], schedule: Schedule) -> Schedule:
    """Return the schedule, with a trap about the precision."""
    c.traps.append("optax computes in float32: its rates are some ULP off.")
    return schedule


def _join(rates: list[float], ends: list[int], curve: Any) -> Schedule:
    lengths = curves.compute_lengths(ends)
    if min(lengths) < 1:
        raise PortError(f"each phase must have an update, got {lengths}")
    return curves.join(lengths[:-1],
                       *(curve(start, end, length) for start, end, length in zip(rates, rates[1:], lengths)))


def _warmup_constant(c: Context, init_value: Any, peak_value: Any, warmup_steps: Any) -> Schedule:
    return read_linear(c, init_value, peak_value, warmup_steps)


READERS = {
    "constant_schedule": read_constant, "linear_schedule": read_linear, "polynomial_schedule": read_polynomial,
    "piecewise_constant_schedule": read_piecewise_constant,
    "piecewise_interpolate_schedule": read_piecewise_interpolate,
    "exponential_decay": read_exponential, "cosine_decay_schedule": read_cosine_decay,
    "linear_onecycle_schedule": read_linear_one_cycle, "cosine_onecycle_schedule": read_cosine_one_cycle,
    "warmup_constant_schedule": _warmup_constant,
    "warmup_cosine_decay_schedule": read_warmup_cosine_decay,
    "warmup_exponential_decay_schedule": read_warmup_exponential_decay, "sgdr_schedule": read_sgdr,
    "join_schedules": read_join_schedules}
