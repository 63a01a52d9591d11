"""Reads DeepSpeed's schedulers: constructors, and the JSON configuration, whole or its scheduler.

The engine steps the scheduler after every update that was not skipped. W is warmup_num_steps, at least 2, and T is
total_num_steps. The three classes with a warm-up are one update late: they set a rate when they are built, and step to
their count 0 after the first update. Source: deepspeed 0.19.8, runtime/lr_schedules.py and engine.py.
"""

from __future__ import annotations

import math
from typing import Any

from frameworks.schedule import Delay, Hold, InverseTime, Schedule, Sequence, Shift, Warmup
from frameworks.strict_json import parse_json
from parity.port.read.arguments import Context, check_number, check_rate, check_whole
from parity.port.read.configs import read_open
from parity.port.read.curves import build_constant, build_half_cosine, build_line, join
from parity.port.read.drops import MAX_DROPS
from parity.port.read.evaluate import Scope
from parity.port.read.literal import Call, Name, PortError
from parity.port.read.torch_optimizers import check_optimizer, find_initial_rate

CONFIGS = (".json",)
REFUSED: dict[str, str] = {}
_LATE = ("The class sets the first rate when it is built, and its count is 0 after the first update: all rates are one "
         "update late. 0.14.5 and earlier make the first update with the optimizer's rate.")
#: The longest logarithmic warm-up, of which each rate is written.
MAX_LOGARITHMIC = 20_000


def read_warmup(c: Context, optimizer: Any, warmup_min_lr: Any = 0.0, warmup_max_lr: Any = None,
                warmup_num_steps: Any = 1000, warmup_type: Any = "log", last_batch_iteration: Any = -1) -> Schedule:
    """Read a warm-up over W updates, then a constant rate."""
    _check_start(optimizer, last_batch_iteration)
    if warmup_max_lr is None:
        c.traps.append("warmup_max_lr is not given: it is the optimizer's rate; 0.16.9 takes 0.001.")
    low = check_rate("warmup_min_lr", warmup_min_lr)
    high = find_initial_rate(c, optimizer, -1) if warmup_max_lr is None else check_rate("warmup_max_lr", warmup_max_lr)
    return _warm(c, low, low, high, warmup_num_steps, warmup_type, build_constant(high))


def read_warmup_decay(c: Context, optimizer: Any, total_num_steps: Any, warmup_min_lr: Any = 0.0,
                      warmup_max_lr: Any = 0.001, warmup_num_steps: Any = 1000, warmup_type: Any = "log",
                      last_batch_iteration: Any = -1) -> Schedule:
    """Read a warm-up over W updates, then a line down to warmup_min_lr, not to 0, at T."""
    _check_start(optimizer, last_batch_iteration)
    low, high = check_rate("warmup_min_lr", warmup_min_lr), check_rate("warmup_max_lr", warmup_max_lr)
    left = check_whole("total_num_steps", total_num_steps) - _count_warmup(warmup_num_steps)
    if low:
        c.traps.append(f"WarmupDecayLR decays to warmup_min_lr, {low:g}, not to 0.")
    after = build_line(high, low, left) if left > 0 else build_constant(low)
    return _warm(c, low, low, high, warmup_num_steps, warmup_type, after)


def read_warmup_cosine(c: Context, optimizer: Any, total_num_steps: Any, warmup_min_ratio: Any = 0.0,
                       warmup_num_steps: Any = 1000, cos_min_ratio: Any = 0.0001, warmup_type: Any = "log",
                       last_batch_iteration: Any = -1) -> Schedule:
    """Read shares of the optimizer's rate: a warm-up over W updates, then a cosine down to cos_min_ratio at T."""
    _check_start(optimizer, last_batch_iteration)
    base = find_initial_rate(c, optimizer, -1)
    low = base * check_number("warmup_min_ratio", warmup_min_ratio)
    end = base * check_number("cos_min_ratio", cos_min_ratio)
    left = max(check_whole("total_num_steps", total_num_steps) - _count_warmup(warmup_num_steps), 1)
    c.traps.append("WarmupCosineLR begins its cosine at the second value: the rate after the warm-up is already lower. "
                   "It holds cos_min_ratio after total_num_steps; 0.19.0 and earlier increase again.")
    if low:
        c.traps.append("The first update has the rate 0, not warmup_min_ratio.")
    return _warm(c, 0.0, low, base, warmup_num_steps, warmup_type, Shift(by=1, of=build_half_cosine(base, end, left)))


def read_one_cycle(c: Context, optimizer: Any, cycle_min_lr: Any, cycle_max_lr: Any, decay_lr_rate: Any = 0.0,
                   cycle_first_step_size: Any = 2000, cycle_second_step_size: Any = None,
                   cycle_first_stair_count: Any = 0, cycle_second_stair_count: Any = None, decay_step_size: Any = 0,
                   cycle_momentum: Any = True, cycle_min_mom: Any = 0.8, cycle_max_mom: Any = 0.9,
                   decay_mom_rate: Any = 0.0, last_batch_iteration: Any = -1) -> Schedule:
    """Read a line up, a line down, then one over time from cycle_min_lr on."""
    _check_start(optimizer, last_batch_iteration)
    low, high = check_rate("cycle_min_lr", cycle_min_lr), check_rate("cycle_max_lr", cycle_max_lr)
    c.note_default("cycle_first_step_size", cycle_first_step_size)
    up = check_whole("cycle_first_step_size", cycle_first_step_size, 1, floats=True)
    second, second_stairs = cycle_second_step_size, cycle_second_stair_count
    down = up if second is None else check_whole("cycle_second_step_size", second, floats=True)
    stairs = check_whole("cycle_first_stair_count", cycle_first_stair_count)
    stairs_down = stairs if second_stairs is None else check_whole("cycle_second_stair_count", second_stairs)
    rate, every = check_number("decay_lr_rate", decay_lr_rate), check_number("decay_step_size", decay_step_size)
    if cycle_momentum is not False:
        c.traps.append("OneCycle changes the betas of the optimizer too unless cycle_momentum=False.")
    if stairs or stairs_down:
        c.traps.append("0.19.0 and earlier ignore the stair counts.")
    after = InverseTime(base_lr=low, timescale=every / rate) if rate and every else build_constant(low)
    parts = {**_climb(low, high, up, stairs), **{
        up + start: part for start, part in _descend(low, high, down, stairs_down).items()}, up + down: after}
    return Sequence(parts=list(parts.values()), boundaries=list(parts)[1:])


def read_range_test(c: Context, optimizer: Any, lr_range_test_min_lr: Any = 1e-3, lr_range_test_step_size: Any = 2000,
                    lr_range_test_step_rate: Any = 1.0, lr_range_test_staircase: Any = False,
                    last_batch_iteration: Any = -1) -> Schedule:
    """Read a line up without an end, or its stairs."""
    _check_start(optimizer, last_batch_iteration)
    low = check_rate("lr_range_test_min_lr", lr_range_test_min_lr)
    c.note_default("lr_range_test_step_size", lr_range_test_step_size)
    every = check_whole("lr_range_test_step_size", lr_range_test_step_size, 1)
    steps = MAX_DROPS if c.total is None else max(math.ceil(c.total / every), 1)
    c.traps.append(f"LRRangeTest increases without end; it is read up to update {steps * every:,}.")
    c.followed.append(steps * every)
    up = Warmup(updates=steps * (1 if lr_range_test_staircase else every), begin_lr=low, then=build_constant(
        low * (1 + check_number("lr_range_test_step_rate", lr_range_test_step_rate) * steps)))
    return Hold(updates=every, of=up) if lr_range_test_staircase else up


def read_config(text: str, scope: Scope) -> Call:
    """Return the call of a configuration's scheduler; a value "auto" is a name, scheduler.params.NAME, for --set."""
    try:
        data = parse_json(text)
    except ValueError as error:
        raise PortError(str(error)) from None
    config = data if isinstance(data, dict) else {}
    scheduler = _read_object(config, "scheduler") if "scheduler" in config else config
    if not isinstance(scheduler.get("type"), str):
        raise PortError('the configuration has no "scheduler": {"type": ..., "params": {...}}: DeepSpeed keeps the '
                        "optimizer's rate, or uses a scheduler of the script: port its constructor")
    if "scheduler" in config and (unknown := sorted(set(scheduler) - {"type", "params"})):
        raise PortError(f'"scheduler" has the keys "type" and "params", got "{unknown[0]}"')
    optimizer = _read_object(config, "optimizer") if "scheduler" in config else {}
    options = _read_values(scope, "optimizer", optimizer)
    kind = str(optimizer.get("type", "optimizer"))
    if kind.lower() == "adam" and options.get("adam_w_mode") is not False:
        kind = "AdamW"  # as DeepSpeed's Adam is by default
    named = Call(kind, keywords={"lr": options["lr"]}) if "lr" in options else Name("optimizer")
    needed = {"total_num_steps": "auto"} if scheduler["type"] in ("WarmupDecayLR", "WarmupCosineLR") else {}
    params = needed | _read_object(scheduler, "params")
    return Call(scheduler["type"], (named,), _read_values(scope, "scheduler", {"params": params}))


def _read_object(data: dict[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name, {})
    if not isinstance(value, dict):
        raise PortError(f'"{name}" must be an object, got {value!r}')
    return value


def _read_values(scope: Scope, owner: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the params of the scheduler or the optimizer; "auto" is a name."""
    return {name: read_open(scope, f"{owner}.params.{name}") if value == "auto" else value
            for name, value in _read_object(data, "params").items()}


def _check_start(optimizer: Any, last: Any) -> None:
    check_optimizer(optimizer)
    if last != -1:
        raise PortError("last_batch_iteration must be -1: with another value the first rate is the optimizer's")


def _count_warmup(steps: Any) -> int:
    return max(2, check_whole("warmup_num_steps", steps, 1))


def _warm(c: Context, first: float, low: float, high: float, steps: Any, shape: Any, then: Schedule) -> Schedule:
    """Return the rate of the first update, a warm-up from `low`, linear or logarithmic, and then a schedule."""
    c.traps.append(_LATE)
    c.note_default("warmup_num_steps", steps)
    count = _count_warmup(steps)
    if shape == "linear":
        warm = Warmup(updates=count, begin_lr=low, peak_lr=high, then=then)
        return Delay(by=1, of=warm) if first == low else join([1], build_constant(first), warm)
    if shape != "log":
        c.traps.append(f"The class takes the unknown warmup_type {shape!r} as 'log'.")
    if count > MAX_LOGARITHMIC:
        raise PortError(f"warmup_num_steps must be at most {MAX_LOGARITHMIC:,} for the logarithmic warm-up, whose "
                        f"rates are written one by one, got {count:,}: use warmup_type='linear'")
    c.traps.append("The warm-up is logarithmic, the default: its rates are written one by one; use --no-measure.")
    rates = [low + (high - low) * math.log(index + 1) / math.log(count) for index in range(count)]
    return join([1] * (count + 1), *map(build_constant, [first, *rates]), then)


def _climb(low: float, high: float, updates: int, stairs: int) -> dict[int, Schedule]:
    """Return a line up, or stairs of which the last one is reached after the line, by their first updates."""
    if not stairs:
        return {0: build_line(low, high, updates)}
    return _step(low, high, stairs, {math.ceil(stair * updates / stairs): stair for stair in range(stairs)})


def _descend(low: float, high: float, updates: int, stairs: int) -> dict[int, Schedule]:
    """Return a line down, or stairs of which the first one is held for its first update only."""
    if not stairs or not updates:
        return {0: build_line(high, low, updates)} if updates else {}
    return _step(low, high, stairs, {0: stairs, **{
        stair * updates // stairs + 1: stairs - 1 - stair for stair in range(stairs)}})


def _step(low: float, high: float, stairs: int, heights: dict[int, int]) -> dict[int, Schedule]:
    """Return constant rates. heights: the number of stairs above `low`, by the update with which it begins."""
    if stairs > MAX_DROPS:
        raise PortError(f"a stair count must be at most {MAX_DROPS}, got {stairs}")
    return {start: build_constant(low + (high - low) * height / stairs) for start, height in heights.items()}


READERS = {"WarmupLR": read_warmup, "WarmupDecayLR": read_warmup_decay, "WarmupCosineLR": read_warmup_cosine,
           "OneCycle": read_one_cycle, "LRRangeTest": read_range_test}
