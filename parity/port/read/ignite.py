"""Reads PyTorch-Ignite's schedulers, attached to Events.ITERATION_STARTED: their first update has event_index 0.

They set the rate itself; LRScheduler wraps a scheduler of torch. Source: pytorch-ignite 0.5.5, param_scheduler.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from frameworks.schedule import CosineRestarts, Repeat, Schedule, Sequence, Warmup
from parity.port.read import curves
from parity.port.read.arguments import Context, bind_arguments, check_number, check_positive, check_whole
from parity.port.read.literal import Call, PortError
from parity.port.read.torch_cycles import read_cyclic_lr

REFUSED = {
    "ReduceLROnPlateauScheduler": "it wraps torch's ReduceLROnPlateau: port that class",
    "BatchSizeScheduler": "it changes the size of batches, not the rate",
    "StateParamScheduler": "it changes the engine's state, not the rate"}
#: The classes of torch whose get_lr, which Ignite calls before the first update, gives the first rate again then.
WRAPPED = ("StepLR", "MultiStepLR", "CyclicLR")
#: The argument with the first rate of a scheduler whose specification computes it.
FIRST = {"LinearCyclicalScheduler": "start_value", "CosineAnnealingScheduler": "start_value", "CyclicLR": "base_lr",
         "PiecewiseLinear": "milestones_values", "ConcatScheduler": "schedulers"}
#: The number of cycles that are read of a scheduler whose cycles change.
MAX_CYCLES = 64


def read_linear(c: Context, optimizer: Any, param_name: Any, start_value: Any, end_value: Any, cycle_size: Any,
                cycle_mult: Any = 1.0, start_value_mult: Any = 1.0, end_value_mult: Any = 1.0, warmup_duration: Any = 0,
                save_history: Any = False, param_group_index: Any = None, monotonic: Any = False) -> Schedule:
    """Read lines to end_value and back in each cycle, or with monotonic=True only to end_value."""
    if warmup_duration and not monotonic:
        raise PortError("warmup_duration must be 0 unless monotonic is True")
    _check_rate(c, param_name, param_group_index)
    build = curves.build_line if monotonic else _build_triangle
    values = start_value, end_value, cycle_size, cycle_mult, start_value_mult, end_value_mult, warmup_duration
    return _repeat(c, build, *values)


def read_cosine(c: Context, optimizer: Any, param_name: Any, start_value: Any, end_value: Any, cycle_size: Any,
                cycle_mult: Any = 1.0, start_value_mult: Any = 1.0, end_value_mult: Any = 1.0, warmup_duration: Any = 0,
                save_history: Any = False, param_group_index: Any = None) -> Schedule:
    """Read half a period of a cosine in each cycle."""
    _check_rate(c, param_name, param_group_index)
    if end_value_mult == 1 and not warmup_duration and isinstance(cycle_mult, int | float) and (
            cycle_mult >= 1 and float(cycle_mult).is_integer() and 0 < start_value_mult <= 1):
        return CosineRestarts(
            base_lr=check_number("start_value", start_value), final_lr=check_number("end_value", end_value),
            updates=check_whole("cycle_size", cycle_size, 2), growth=int(cycle_mult), decay=start_value_mult,
            sinks="peak")
    values = start_value, end_value, cycle_size, cycle_mult, start_value_mult, end_value_mult, warmup_duration
    return _repeat(c, curves.build_half_cosine, *values)


def read_piecewise(c: Context, optimizer: Any, param_name: Any, milestones_values: Any, save_history: Any = False,
                   param_group_index: Any = None) -> Schedule:
    """Read lines between values at milestones; constant before the first and after the last one."""
    _check_rate(c, param_name, param_group_index)
    if not isinstance(milestones_values, list | tuple) or not milestones_values or not all(
            isinstance(pair, tuple) and len(pair) == 2 for pair in milestones_values):
        raise PortError(f"milestones_values must be a list of pairs (milestone, value), got {milestones_values!r}")
    ends = [check_whole("a milestone", at) for at, _ in milestones_values]
    rates = [check_number("a value", value) for _, value in milestones_values]
    lengths = [later - at for at, later in itertools.pairwise(ends)]
    if min(lengths, default=1) < 1:
        raise PortError(f"milestones must increase, got {ends}")
    parts: list[Schedule] = [curves.build_line(first, last, length)
                             for (first, last), length in zip(itertools.pairwise(rates), lengths)]
    if ends[0]:
        parts, lengths = [curves.build_constant(rates[0]), *parts], [ends[0], *lengths]
    return curves.join(lengths, *parts, curves.build_constant(rates[-1])) if parts else curves.build_constant(rates[0])


def read_concat(c: Context, schedulers: Any, durations: Any, save_history: Any = False) -> Schedule:
    """Read schedulers one after another, each with a separate clock."""
    if not isinstance(schedulers, list | tuple) or len(schedulers) < 2:
        raise PortError("schedulers must be a list of at least two constructors, written out")
    if not isinstance(durations, list | tuple) or len(durations) != len(schedulers) - 1:
        raise PortError(f"durations must be a list of {len(schedulers) - 1} numbers, got {durations!r}")
    parts = [_read_inner(c, scheduler) for scheduler in schedulers]
    return curves.join([check_whole("a duration", item, 1) for item in durations], *parts)


def read_wrapped(c: Context, lr_scheduler: Any, save_history: Any = False, use_legacy: Any = False) -> Schedule:
    """Read a scheduler of torch."""
    if use_legacy:
        raise PortError("use_legacy must be False: with it the first rate depends on the event that it is attached to")
    return _read_inner(c, lr_scheduler, torch_only=True)


def read_groups(c: Context, schedulers: Any, names: Any = None, save_history: Any = False) -> Schedule:
    """Read the scheduler of one parameter group."""
    if not isinstance(schedulers, list | tuple) or len(schedulers) != 1:
        raise PortError("schedulers must be a list of one: port each group, or specify them together as "
                        "frameworks/GROUPS.md shows")
    return _read_inner(c, schedulers[0])


def read_with_warmup(c: Context, lr_scheduler: Any, warmup_start_value: Any, warmup_duration: Any,
                     warmup_end_value: Any = None, save_history: Any = False,
                     output_simulated_values: Any = None) -> Schedule:
    """Read a line up, then a scheduler: one update earlier if the line ends at its first rate."""
    after = _read_inner(c, lr_scheduler)
    start = _find_first_rate(lr_scheduler, after)
    rate = c.lr if lr_scheduler.name in READERS else start  # a scheduler of torch has changed the optimizer
    if warmup_end_value is None and rate is None:
        raise PortError("warmup_end_value is the optimizer's rate by default: give it, or --lr")
    end = check_number("warmup_end_value", rate if warmup_end_value is None else warmup_end_value)
    first = check_number("warmup_start_value", warmup_start_value)
    updates = check_whole("warmup_duration", warmup_duration, 2)
    if start == end:
        c.traps.append(f"The warm-up has warmup_duration - 1 updates, {updates - 1}.")
        return Warmup(updates=updates - 1, begin_lr=first, then=after)
    return curves.join([updates], curves.build_line(first, end, updates - 1), after)


def _find_first_rate(call: Call, schedule: Schedule) -> float:
    """Return the first rate as the class computes it: Ignite compares it exactly, and a specification may round it."""
    if call.name not in FIRST:
        return schedule.lr(0)
    given = bind_arguments(call, READERS.get(call.name, read_cyclic_lr))
    if call.name == "ConcatScheduler":
        return _find_first_rate(given["schedulers"][0], schedule)
    if call.name == "LinearCyclicalScheduler" and not given["monotonic"]:
        return given["end_value"] + (given["start_value"] - given["end_value"])
    first = given[FIRST[call.name]]
    return first[0][1] if call.name == "PiecewiseLinear" else first


def _check_rate(c: Context, param_name: Any, index: Any) -> None:
    if param_name != "lr":
        raise PortError(f"param_name must be 'lr', got {param_name!r}: only rates are ported")
    if index is not None:
        c.traps.append(f"It changes only the rate of parameter group {index}.")


def _read_inner(c: Context, scheduler: Any, *, torch_only: bool = False) -> Schedule:
    """Return the schedule of an inner constructor, of Ignite or of torch."""
    from parity.port.read import read_call

    if not isinstance(scheduler, Call):
        raise PortError(f"a scheduler must be its constructor, written out, got {scheduler!r}")
    if scheduler.name in (*READERS, *REFUSED) and not torch_only:
        return c.inner(scheduler)
    if scheduler.name not in WRAPPED:
        raise PortError(f"{scheduler.name} is not read inside a scheduler of Ignite, which calls its get_lr once more "
                        f"at the first update; supported: {', '.join(WRAPPED)}")
    reading = read_call(scheduler, "torch", lr=c.lr)
    c.traps.extend(reading.traps)
    c.followed.extend([reading.followed] if reading.followed else [])
    return reading.schedule


def _build_triangle(first: float, last: float, updates: int) -> Schedule:
    """Return a line to the middle of the updates and one back; an odd number has its turn between two updates."""
    if updates % 2 == 0:
        half = updates // 2
        return curves.join([half], curves.build_line(first, last, half), curves.build_line(last, first, half))
    half, near = updates // 2, (last - first) / updates
    return curves.join([half + 1], curves.build_line(first, last - near, half),
                       curves.build_line(last - near, first, half))


def _list_cycles(first: float, last: float, size: int, warm: int, growth: float,
                 factors: tuple[float, float]) -> Iterator[tuple[float, float, float, int, int]]:
    """Yield first and last rate, the next first rate, length and warm-up of MAX_CYCLES cycles."""
    for _ in range(MAX_CYCLES):
        if not 0 < size < 10**9 or max(first, last) > 1e30:
            return
        yield first, last, first * factors[0], size, warm
        first, last, size, warm = first * factors[0], last * factors[1], int(size * growth), int(warm * growth)


def _repeat(c: Context, build: Any, start: Any, end: Any, size: Any, growth: Any, start_factor: Any, end_factor: Any,
            warm: Any) -> Schedule:
    """Return cycles of a curve, each with a line back to the start over `warm` updates."""
    first, last = check_number("start_value", start), check_number("end_value", end)
    updates, back = check_whole("cycle_size", size, 2), check_whole("warmup_duration", warm)
    grows = check_positive("cycle_mult", growth)
    factors = check_positive("start_value_mult", start_factor), check_positive("end_value_mult", end_factor)
    parts: list[Schedule] = []
    lengths: list[int] = []
    for begin, final, again, length, rest in _list_cycles(first, last, updates, back, grows, factors):
        parts += [build(begin, final, length), *([curves.build_line(final, again, rest)] if rest else [])]
        lengths += [length, *([rest] if rest else [])]
        if (grows, *factors) == (1, 1, 1):
            return Repeat(updates=sum(lengths), of=curves.join(lengths[:-1], *parts) if len(parts) > 1 else parts[0])
    c.followed.append(sum(lengths))
    c.traps.append(f"Its cycles change without end: {MAX_CYCLES} of them are read at most, {sum(lengths):,} updates.")
    joined: Sequence = curves.join(lengths[:-1], *parts)
    return joined


READERS = {
    "LinearCyclicalScheduler": read_linear, "CosineAnnealingScheduler": read_cosine, "PiecewiseLinear": read_piecewise,
    "ConcatScheduler": read_concat, "LRScheduler": read_wrapped, "ParamGroupScheduler": read_groups,
    "create_lr_scheduler_with_warmup": read_with_warmup}
