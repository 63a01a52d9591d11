"""Reads MLX's schedules: functions of the number of updates already made, in float32.

Source: mlx 0.32, optimizers/schedulers.py and optimizers/optimizers.py.
"""

from __future__ import annotations

from typing import Any

from frameworks.schedule import Factor, Schedule
from parity.port.read.arguments import Context, check_above_0, check_number, check_whole, check_whole_list
from parity.port.read.curves import build_half_cosine, build_increase, build_line, compute_lengths, join
from parity.port.read.literal import Call, PortError

REFUSED: dict[str, str] = {}


def read_exponential_decay(c: Context, init: Any, decay_rate: Any) -> Schedule:
    """Read a factor at every update."""
    base, factor = check_number("init", init), check_above_0("decay_rate", decay_rate)
    return Factor(base_lr=base, factor=factor) if factor <= 1 else build_increase(base, factor, 1)


def read_step_decay(c: Context, init: Any, decay_rate: Any, step_size: Any) -> Schedule:
    """Read drops at step_size, 2 step_size, ..."""
    factor = check_above_0("decay_rate", decay_rate)
    if factor > 1:
        raise PortError(f"decay_rate must be at most 1, got {decay_rate!r}: the rate would increase without end")
    return Factor(base_lr=check_number("init", init), factor=factor, every=check_whole("step_size", step_size, 1))


def read_cosine_decay(c: Context, init: Any, decay_steps: Any, end: Any = 0.0) -> Schedule:
    """Read a cosine down to end."""
    return build_half_cosine(check_number("init", init), check_number("end", end),
                             check_whole("decay_steps", decay_steps, 1))


def read_linear_schedule(c: Context, init: Any, end: Any, steps: Any) -> Schedule:
    """Read a line."""
    return build_line(check_number("init", init), check_number("end", end), check_whole("steps", steps, 1))


def read_join_schedules(c: Context, schedules: Any, boundaries: Any) -> Schedule:
    """Read schedules one after another, each with a separate clock; a number is not a schedule."""
    if not isinstance(schedules, list | tuple) or not all(isinstance(item, Call) for item in schedules) or (
            not schedules):
        raise PortError("schedules must be a list of their constructors, written out")
    starts = check_whole_list("boundaries", boundaries) if boundaries not in ([], ()) else []
    if len(starts) != len(schedules) - 1:
        raise PortError(f"Received {len(starts)} boundaries but expected {len(schedules) - 1}.")
    parts = [c.inner(call) for call in schedules]
    return join(compute_lengths(starts), *parts) if starts else parts[0]


READERS = {"exponential_decay": read_exponential_decay, "step_decay": read_step_decay,
           "cosine_decay": read_cosine_decay, "linear_schedule": read_linear_schedule,
           "join_schedules": read_join_schedules}
