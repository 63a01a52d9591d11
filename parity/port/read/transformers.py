"""Reads the schedules of Hugging Face transformers, stepped after every update: they multiply the optimizer's rate.

W is num_warmup_steps, N num_training_steps. Source: transformers 5, optimization.py.
"""

from __future__ import annotations

import inspect
import itertools
import math
from typing import Any

from frameworks.schedule import InverseSquareRoot, Polynomial, Repeat, Schedule, Shift, Warmup
from parity.port.read import curves
from parity.port.read.arguments import Context, check_number, check_one_of, check_positive, check_whole
from parity.port.read.literal import PortError
from parity.port.read.torch_optimizers import find_initial_rate

REFUSED = {
    "get_reduce_on_plateau_schedule": "it is torch's ReduceLROnPlateau: port that class",
    "get_greedy_schedule": "its rates depend on the loss", "GreedyLR": "its rates depend on the loss",
    "get_adafactor_schedule": "its rates depend on the weights", "AdafactorSchedule": "its rates depend on the weights"}
_SHAPES = ("linear", "cosine", "1-sqrt")


def read_constant(c: Context, optimizer: Any, last_epoch: Any = -1) -> Schedule:
    """Read a constant rate."""
    return curves.build_constant(find_initial_rate(c, optimizer, last_epoch))


def read_constant_with_warmup(c: Context, optimizer: Any, num_warmup_steps: Any, last_epoch: Any = -1) -> Schedule:
    """Read a line up over W updates, then a constant rate."""
    return _warm(num_warmup_steps, curves.build_constant(find_initial_rate(c, optimizer, last_epoch)))


def read_linear(c: Context, optimizer: Any, num_warmup_steps: Any, num_training_steps: Any,
                last_epoch: Any = -1) -> Schedule:
    """Read a line up over W updates, then a line down to 0 at update N."""
    base, left = find_initial_rate(c, optimizer, last_epoch), _count_left(num_warmup_steps, num_training_steps)
    if num_warmup_steps and num_training_steps <= num_warmup_steps:  # then the rate after the warm-up is 0
        return Warmup(updates=num_warmup_steps, peak_lr=base, then=curves.build_constant(0))
    return _warm(num_warmup_steps, curves.build_line(base, 0, left))


def read_cosine(c: Context, optimizer: Any, num_warmup_steps: Any, num_training_steps: Any, num_cycles: Any = 0.5,
                last_epoch: Any = -1) -> Schedule:
    """Read a line up, then cosines that continue after update N."""
    base = find_initial_rate(c, optimizer, last_epoch)
    return _warm(num_warmup_steps, _swing(c, base, 0, _count_left(num_warmup_steps, num_training_steps), num_cycles))


def read_hard_restarts(c: Context, optimizer: Any, num_warmup_steps: Any, num_training_steps: Any, num_cycles: Any = 1,
                       last_epoch: Any = -1) -> Schedule:
    """Read a line up, then num_cycles cosines down, and 0 from update N on."""
    base, left = find_initial_rate(c, optimizer, last_epoch), _count_left(num_warmup_steps, num_training_steps)
    cycles = check_whole("num_cycles", num_cycles, 1, floats=True)
    length = left / cycles
    if length.is_integer():
        cycle = curves.build_half_cosine(base, 0, int(length))
        after: Schedule = Repeat(updates=int(length), of=cycle) if cycles > 1 else cycle
    else:
        starts = [math.ceil(part * length) for part in range(cycles)]
        parts = [curves.build_annealing(base, 0, length, "cosine", elapsed=start - part * length) for part,
                 start in enumerate(starts)]
        after = curves.join([later - start for start, later in itertools.pairwise(starts)], *parts)
    return _warm(num_warmup_steps, curves.join([left], after, curves.build_constant(0)))


def read_polynomial_decay(c: Context, optimizer: Any, num_warmup_steps: Any, num_training_steps: Any,
                          lr_end: Any = 1e-7,
                          power: Any = 1.0, last_epoch: Any = -1) -> Schedule:
    """Read a line up, then a power of the remaining share, to lr_end at update N."""
    base, end = find_initial_rate(c, optimizer, last_epoch), check_number("lr_end", lr_end)
    left = _count_left(num_warmup_steps, num_training_steps)
    if not base > end:
        raise PortError(f"lr_end ({end:g}) must be smaller than initial lr ({base:g})")
    if num_training_steps <= num_warmup_steps:
        raise PortError(f"num_training_steps must be above num_warmup_steps, {num_warmup_steps}, got "
                        f"{num_training_steps}")
    return _warm(num_warmup_steps,
                 Polynomial(base_lr=base, final_lr=end, power=check_positive("power", power), updates=left))


def read_inverse_sqrt(c: Context, optimizer: Any, num_warmup_steps: Any, timescale: Any = None,
                      last_epoch: Any = -1) -> Schedule:
    """Read a line up, then one over the square root; timescale: updates (default: W, or 10,000 if W is 0)."""
    base, warm = find_initial_rate(c, optimizer, last_epoch), check_whole("num_warmup_steps", num_warmup_steps)
    if not warm and timescale is None:
        c.note_default("timescale", 10_000)
    scale = (warm or 10_000) if timescale is None else check_positive("timescale", timescale)
    return _warm(warm, InverseSquareRoot(base_lr=base, timescale=scale))


def read_cosine_with_min_lr(c: Context, optimizer: Any, num_warmup_steps: Any, num_training_steps: Any,
                            num_cycles: Any = 0.5, last_epoch: Any = -1, min_lr: Any = None,
                            min_lr_rate: Any = None) -> Schedule:
    """Read a line up, then cosines down to min_lr that continue after update N."""
    base = find_initial_rate(c, optimizer, last_epoch)
    low = _read_low(base, min_lr, min_lr_rate)
    return _warm(num_warmup_steps, _swing(c, base, low, _count_left(num_warmup_steps, num_training_steps), num_cycles))


def read_cosine_with_min_lr_rate(c: Context, optimizer: Any, num_warmup_steps: Any, num_training_steps: Any,
                                 num_cycles: Any = 0.5, last_epoch: Any = -1, min_lr: Any = None,
                                 min_lr_rate: Any = None,
                                 warmup_lr_rate: Any = None) -> Schedule:
    """Read the same, one update early; with warmup_lr_rate the warm-up starts at that share."""
    base, warm = find_initial_rate(c, optimizer, last_epoch), check_whole("num_warmup_steps", num_warmup_steps)
    swing = _swing(c, base, _read_low(base, min_lr, min_lr_rate), _count_left(warm, num_training_steps), num_cycles)
    c.traps.append("This schedule counts from 1: every rate comes one update earlier than with "
                   "get_cosine_with_min_lr_schedule_with_warmup.")
    if warmup_lr_rate is None or warm == 0:
        return Shift(by=1, of=_warm(warm, swing))
    begin = base * check_number("warmup_lr_rate", warmup_lr_rate, 0, 1)
    if warm == 1:
        return curves.join([1], curves.build_constant(begin), Shift(by=1, of=swing))
    return Warmup(updates=warm - 1, begin_lr=begin, then=swing)


def read_wsd(c: Context, optimizer: Any, num_warmup_steps: Any, num_decay_steps: Any, num_training_steps: Any = None,
             num_stable_steps: Any = None, warmup_type: Any = "linear", decay_type: Any = "cosine",
             min_lr_ratio: Any = 0,
             num_cycles: Any = 0.5, last_epoch: Any = -1) -> Schedule:
    """Read a warm-up, a constant rate and a decay to min_lr_ratio of the rate."""
    base, warm = find_initial_rate(c, optimizer, last_epoch), check_whole("num_warmup_steps", num_warmup_steps)
    decay = check_whole("num_decay_steps", num_decay_steps, 1)
    if (num_training_steps is None) == (num_stable_steps is None):
        raise PortError("either num_training_steps or num_stable_steps must be given, and not both")
    stable = (check_whole("num_stable_steps", num_stable_steps) if num_training_steps is None
              else check_whole("num_training_steps", num_training_steps) - warm - decay)
    if stable < 0:
        raise PortError(f"num_training_steps must be at least num_warmup_steps + num_decay_steps, {warm + decay}, got "
                        f"{num_training_steps}")
    low = base * check_number("min_lr_ratio", min_lr_ratio, 0, 1)
    rise, fall = check_one_of("warmup_type", warmup_type, _SHAPES), check_one_of("decay_type", decay_type, _SHAPES)
    if fall == "cosine" and num_cycles != 0.5:
        raise PortError("num_cycles must be 0.5 with decay_type='cosine'")
    down = {"linear": curves.build_line(base, low, decay), "cosine": curves.build_half_cosine(base, low, decay),
            "1-sqrt": curves.build_annealing(base, low, decay, elapsed_power=0.5)}[fall]
    after = curves.join([stable], curves.build_constant(base), down) if stable else down
    if not warm:
        return after
    up = {"linear": curves.build_line(low, base, warm), "cosine": curves.build_half_cosine(low, base, warm),
          "1-sqrt": Polynomial(base_lr=low, final_lr=base, power=0.5, updates=warm)}[rise]
    return Warmup(updates=warm, begin_lr=low, then=after) if rise == "linear" else curves.join([warm], up, after)


def _warm(warm: Any, then: Schedule) -> Schedule:
    return curves.add_warmup("num_warmup_steps", warm, then)


def _count_left(warm: Any, total: Any) -> int:
    """Return the updates after the warm-up, at least 1."""
    return max(1, check_whole("num_training_steps", total) - check_whole("num_warmup_steps", warm))


def _swing(c: Context, base: float, low: float, left: int, cycles: Any) -> Schedule:
    c.traps.append("The rate increases again after num_training_steps.")
    return curves.build_swing(base, low, left, cycles)


def _read_low(base: float, min_lr: Any, share: Any) -> float:
    if (min_lr is None) == (share is None):
        raise PortError("either min_lr or min_lr_rate must be given, and not both")
    return check_number("min_lr", min_lr) if share is None else base * check_number("min_lr_rate", share, 0, 1)


def read_by_name(c: Context, name: Any, optimizer: Any, num_warmup_steps: Any = None, num_training_steps: Any = None,
                 scheduler_specific_kwargs: Any = None) -> Schedule:
    """Read get_scheduler: the schedule of a name."""
    function = READERS[NAMES[check_one_of("name", name, tuple(NAMES))]]
    wanted = inspect.signature(function).parameters
    given = {"num_warmup_steps": num_warmup_steps, "num_training_steps": num_training_steps}
    options = {key: value for key, value in given.items() if key in wanted and value is not None}
    options |= (more := scheduler_specific_kwargs or {})
    for key in (*wanted, *more):
        if key not in wanted:
            raise PortError(f"scheduler_specific_kwargs: {name} has no argument {key}")
        if key not in ("c", "optimizer", *options) and wanted[key].default is inspect.Parameter.empty:
            where = "" if key in given else ", in scheduler_specific_kwargs"
            raise PortError(f"{name} requires `{key}`, please provide that argument{where}")
    return function(c, optimizer, **options)


READERS = {
    "get_constant_schedule": read_constant, "get_constant_schedule_with_warmup": read_constant_with_warmup,
    "get_linear_schedule_with_warmup": read_linear, "get_cosine_schedule_with_warmup": read_cosine,
    "get_cosine_with_hard_restarts_schedule_with_warmup": read_hard_restarts, "get_scheduler": read_by_name,
    "get_polynomial_decay_schedule_with_warmup": read_polynomial_decay, "get_inverse_sqrt_schedule": read_inverse_sqrt,
    "get_cosine_with_min_lr_schedule_with_warmup": read_cosine_with_min_lr,
    "get_cosine_with_min_lr_schedule_with_warmup_lr_rate": read_cosine_with_min_lr_rate, "get_wsd_schedule": read_wsd}
#: The names of get_scheduler and of TrainingArguments' lr_scheduler_type.
NAMES = {
    "linear": "get_linear_schedule_with_warmup", "cosine": "get_cosine_schedule_with_warmup",
    "cosine_with_restarts": "get_cosine_with_hard_restarts_schedule_with_warmup",
    "polynomial": "get_polynomial_decay_schedule_with_warmup", "constant": "get_constant_schedule",
    "constant_with_warmup": "get_constant_schedule_with_warmup", "inverse_sqrt": "get_inverse_sqrt_schedule",
    "cosine_with_min_lr": "get_cosine_with_min_lr_schedule_with_warmup",
    "cosine_warmup_with_min_lr": "get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
    "warmup_stable_decay": "get_wsd_schedule"}
