"""Reads GluonCV's LRScheduler and LRSequential, as a Gluon Trainer applies them, by their documented formulas.

With N = niters - 1 and T = num_update - offset, limited to 0 to N:

    linear    target_lr + (base_lr - target_lr) * (1 - T / N)
    poly      target_lr + (base_lr - target_lr) * (1 - T / N)^power
    cosine    target_lr + (base_lr - target_lr) * (1 + cos(pi * T / N)) / 2
    step      base_lr * step_factor^(number of step_iter <= T)
    constant  base_lr

A Trainer's first update has num_update 1. Source: gluoncv/utils/lr_scheduler.py of GluonCV 0.10.
"""

from __future__ import annotations

import math
from typing import Any

from frameworks.schedule import Constant, Cosine, Polynomial, Schedule, Sequence, Shift
from parity.port.read.arguments import Context, bind_arguments, check_number, check_one_of, check_whole
from parity.port.read.drops import drop_at
from parity.port.read.literal import Call, PortError
from parity.port.read.mxnet_optimizers import begin_at, find_written_rate

REFUSED: dict[str, str] = {}
MODES = ("constant", "step", "linear", "poly", "cosine")
_EARLY = "A Trainer calls GluonCV's schedulers with 1 at its first update: every rate comes one update early."
_REACHED = "GluonCV reaches target_lr at niters - 1, one update before MXNet's built-in schedulers reach final_lr."


def read_lr_scheduler(c: Context, mode: Any, base_lr: Any = 0.1, target_lr: Any = 0, niters: Any = 0, nepochs: Any = 0,
                      iters_per_epoch: Any = 0, offset: Any = 0, power: Any = 2, step_iter: Any = None,
                      step_epoch: Any = None, step_factor: Any = 0.1, baselr: Any = None,
                      targetlr: Any = None) -> Schedule:
    """Read one segment as a Trainer applies it; the optimizer may overwrite base_lr."""
    given = {name: value for name, value in locals().items() if name != "c"}
    written = find_written_rate(c.optimizer)
    if mode == "constant":
        _note_no_effect(c, written, "mode 'constant'")
    else:
        c.traps.append(_EARLY)
        given |= _overwrite(c, given, written)
    return Shift(by=1, of=_read_segment(c, given, check_whole("offset", offset)))


def read_lr_sequential(c: Context, schedulers: Any) -> Schedule:
    """Read segments that follow each other: the offset of each is the length of those before it."""
    listed = isinstance(schedulers, list | tuple)
    if not listed or not schedulers or not all(isinstance(item, Call) for item in schedulers):
        raise PortError("schedulers must be a list of LRScheduler(...)")
    _note_no_effect(c, find_written_rate(c.optimizer), "LRSequential")
    c.traps.append(_EARLY)
    segments = [_bind(call) for call in schedulers]
    lengths = [_count_iterations(given) for given in segments]
    if not sum(lengths):
        return _read_segment(c, segments[0], 0)  # always called with -1
    c.traps.append(f"LRSequential keeps the rate of its last iteration, {sum(lengths) - 1}.")
    if 0 in lengths:
        c.traps.append("A segment without iterations has no effect.")
    asked = [(given, length) for given, length in zip(segments, lengths) if length]
    by = 1
    if asked[0][1] == 1 < len(asked):  # called with 1 first, a segment of one iteration is never applied
        by, asked = 0, asked[1:]
    parts = [_read_segment(c, given, 0) for given, _ in asked]
    ends = [sum(length for _, length in asked[:index]) for index in range(1, len(asked))]
    # every mode except step holds its last rate
    whole_ = parts[0] if len(parts) == 1 else Sequence(parts=parts, boundaries=ends)
    return Shift(by=by, of=whole_) if by else whole_


def _bind(call: Call) -> dict[str, Any]:
    if call.name != "LRScheduler":
        raise PortError(f"schedulers must be LRScheduler(...), got {call.name}")
    return bind_arguments(call, read_lr_scheduler)


def _count_iterations(given: dict[str, Any]) -> int:
    return _count_epoch_iterations(given) or check_whole("niters", given["niters"])


def _count_epoch_iterations(given: dict[str, Any]) -> int:
    """Return the number of iterations of the epochs. Without both numbers it is 0, and the class ignores them."""
    return check_whole("nepochs", given["nepochs"]) * check_whole("iters_per_epoch", given["iters_per_epoch"])


def _read_base(given: dict[str, Any]) -> float:
    """Return the base rate. The old name is used only if the new one has its default."""
    base = check_number("base_lr", given["base_lr"])
    return base if given["baselr"] is None or base != 0.1 else check_number("baselr", given["baselr"])


def _read_target(given: dict[str, Any]) -> float:
    target = check_number("target_lr", given["target_lr"])
    return target if given["targetlr"] is None or target != 0 else check_number("targetlr", given["targetlr"])


def _overwrite(c: Context, given: dict[str, Any], written: float | None) -> dict[str, Any]:
    """Return the fields that change when an optimizer is created with the scheduler: its rate replaces base_lr."""
    base = _read_base(given)
    if written is not None and c.optimizer is not None and written != base:
        c.traps.append(f"{c.optimizer.name} writes its learning_rate, {written:g}, into the scheduler: it replaces "
                       f"base_lr, {base:g}.")
        base = written
    return {"base_lr": base, "baselr": None}


def _note_no_effect(c: Context, written: float | None, name: str) -> None:
    if written is not None and c.optimizer is not None:
        c.traps.append(f"{c.optimizer.name} writes its learning_rate, {written:g}, into the scheduler's base_lr; "
                       f"{name} ignores it.")


def _read_segment(c: Context, given: dict[str, Any], offset: int) -> Schedule:
    mode = check_one_of("mode", given["mode"], MODES)
    base, target = _read_base(given), _read_target(given)
    if given["nepochs"] and not _count_epoch_iterations(given):
        c.traps.append("nepochs has no effect without iters_per_epoch (in GluonCV up to 0.3 it had one).")
    if mode == "constant":
        return Constant(base_lr=base)
    last = _count_iterations(given) - 1
    if mode == "step":
        steps = _read_steps(c, given, base, last)
        return _delay(Constant(base_lr=steps.lr(0)), steps, offset)
    power = 1.0 if mode == "linear" else check_number("power", given["power"])
    if last == 0:
        raise PortError(f"niters must not be 1 for mode {mode!r}: it divides by niters - 1 and raises "
                        "ZeroDivisionError")
    if last < 0 or (mode == "poly" and power == 0):
        held = base if mode == "poly" and power == 0 else target
        if last < 0:
            c.traps.append(f"Without niters, mode {mode!r} is at its end from the first update on: {held:g}.")
        return Constant(base_lr=held)
    c.traps.append(_REACHED)
    if mode == "cosine":
        return _delay(Constant(base_lr=base), Cosine(base_lr=base, final_lr=target, updates=last), offset)
    return _delay(Constant(base_lr=base), Polynomial(base_lr=base, final_lr=target, power=power, updates=last), offset)


def _read_steps(c: Context, given: dict[str, Any], base: float, last: int) -> Schedule:
    """Read mode "step": each step that is not above the iteration counts, whatever its order, sign or repetition."""
    iterations, epochs = given["step_iter"], given["step_epoch"]
    if iterations is None and epochs is None:
        raise PortError("mode 'step' needs step_iter or step_epoch")
    if epochs is not None and _count_epoch_iterations(given):
        if iterations is not None:
            c.traps.append("step_epoch replaces step_iter.")
        iterations = [epoch * given["iters_per_epoch"] for epoch in _check_numbers("step_epoch", epochs)]
    elif epochs is not None:
        c.traps.append("step_epoch has no effect without nepochs and iters_per_epoch"
                       f"{': the rate never drops' if iterations is None else ''}.")
    if iterations is None:
        return Constant(base_lr=base)
    steps = [math.ceil(step) for step in _check_numbers("step_iter", iterations)]
    if last < 0:
        c.traps.append("Without niters the iteration stays at -1: no step above that ever takes place.")
    elif last < max(steps, default=0):
        c.traps.append(f"A step after iteration {last}, the last one, never takes place.")
    c.traps.append("GluonCV drops at step_iter itself, one update before MXNet's MultiFactorScheduler does.")
    factor = check_number("step_factor", given["step_factor"], None)
    return drop_at("step_factor", base, factor, [step if last >= 0 else 0 for step in steps if step <= last])


def _check_numbers(name: str, value: Any) -> list[float]:
    if not isinstance(value, list | tuple):
        raise PortError(f"{name} must be a list of numbers, got {value!r}")
    return [item if isinstance(item, int) and not isinstance(item, bool) else check_number(name, item, None)
            for item in value]


def _delay(first: Schedule, then: Schedule, offset: int) -> Schedule:
    return Sequence(parts=[first, then], boundaries=[offset]) if offset else then


def finish(c: Context, name: str, given: dict[str, Any], schedule: Schedule) -> Schedule:
    """Return the rates of a class with what its optimizer changes: its count may begin later."""
    return begin_at(c.optimizer, schedule)


READERS = {"LRScheduler": read_lr_scheduler, "LRSequential": read_lr_sequential}
