"""Writes a schedule with timm's schedulers, which multiply the optimizer's rate.

Source: timm 1.0.31, scheduler/. Its warm-up ends at the optimizer's rate. Its MultiStepLRScheduler drops one update
before its milestones.
"""

from __future__ import annotations

import math

from frameworks.schedule import Annealing, Constant, Cosine, Factor, MultiFactor, Polynomial, Repeat, Schedule
from parity.port.write.native.pieces import Piece, split
from parity.port.write.native.shapes import (
    find_decay,
    find_restarts,
    find_stable_decay,
    is_constant,
    is_line,
    split_line_up,
)
from parity.port.write.native.spelling import Spelling
from parity.port.write.native.with_torch import write_around

#: The class, its arguments, and the note about its difference.
Found = tuple[str, str, str]
#: The number of cycles that stands for cycles without an end.
_MANY = 1000


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the spelling with a class of timm, None if no class applies the schedule."""
    line, rest = split_line_up(split(schedule))
    spelled = _find(rest)
    if spelled is None:
        return None
    name, arguments, note = spelled
    if line is not None:
        prefix = "" if name == "WSDLRScheduler" else ", warmup_prefix=True"
        arguments += f", warmup_t={line.updates}, warmup_lr_init={line.base_lr!r}{prefix}"
    return write_around("timm.scheduler", rest[0].first, f"{name}(optimizer, {arguments}, t_in_epochs=False)",
                        "scheduler.step_update(number of updates made) after every update", note)


def _find(rest: list[Piece]) -> Found | None:
    """Return the class for the pieces after the warm-up."""
    of = rest[0].of
    if len(rest) == 1:
        if isinstance(of, Constant):
            return "StepLRScheduler", "decay_t=1, decay_rate=1.0", ""
        if isinstance(of, Factor):
            return ("StepLRScheduler", f"decay_t={of.every}, decay_rate={of.factor!r}",
                    "It has no floor." if of.min_lr else "")
        if isinstance(of, MultiFactor):
            return ("MultiStepLRScheduler", f"decay_t={[step + 1 for step in of.milestones]}, "
                    f"decay_rate={of.factor!r}", "")
    return _find_cycles(rest) or _find_decay(rest)


def _find_cycles(rest: list[Piece]) -> Found | None:
    """Return the class of cycles that restart, and of the lowest rate after them."""
    of, length = rest[0].of, rest[0].length
    if cycles := find_restarts(of):
        low, growth, decay = cycles.final_lr, cycles.growth, cycles.decay
        if decay < 1 and low and cycles.sinks == "height":
            return None
        name, first, bend = "CosineLRScheduler", cycles.updates, ""
    elif isinstance(of, Repeat) and of.decay == 1 and isinstance(curve := split(of.of, of.updates)[0].of, Polynomial):
        if curve.updates != of.updates:
            return None
        name, first, low, growth, decay, bend = (
            "PolyLRScheduler", curve.updates, curve.final_lr, 1, 1.0, f", power={curve.power!r}")
    else:
        return None
    many, end = 0, 0
    while many < _MANY and (end < length if length else end < 2**40):
        many, end = many + 1, end + first * growth**many
    if length and (end != length or len(rest) != 2 or not is_constant(rest[1], low)):
        return None
    if growth > 1 and not _counts_cycles(first, growth, many):
        return None
    note = "" if length else f"After {many} cycles it stays at lr_min."
    more = f", cycle_mul={float(growth)!r}" if growth > 1 else ""
    more += f", cycle_decay={decay!r}" if decay < 1 else ""
    return name, f"t_initial={first}{bend}, lr_min={low!r}{more}, cycle_limit={many}", note


def _counts_cycles(first: int, growth: int, many: int) -> bool:
    """Return whether the class, which counts cycles by a logarithm, is not wrong by a rounding at their beginning."""
    starts = [first * (growth**cycle - 1) // (growth - 1) for cycle in range(many)]
    return all(math.floor(math.log(1 - start / first * (1 - float(growth)), float(growth))) == cycle
               for cycle, start in enumerate(starts))


def _find_decay(rest: list[Piece]) -> Found | None:
    curve = find_decay(rest)
    if isinstance(curve, Cosine):
        return "CosineLRScheduler", f"t_initial={curve.updates}, lr_min={curve.final_lr!r}", ""
    if isinstance(curve, Polynomial):
        return ("PolyLRScheduler", f"t_initial={curve.updates}, power={curve.power!r}, lr_min={curve.final_lr!r}", "")
    if isinstance(curve, Annealing) and curve.shape != "exponential" and (curve.shape == "linear" or curve.power == 1):
        name, power = ("CosineLRScheduler", "") if curve.shape == "cosine" else (
            "PolyLRScheduler", f", power={curve.power!r}")
        return (name, f"t_initial={int(curve.updates)}{power}, lr_min={curve.final_lr!r}, "
                f"k_decay={curve.elapsed_power!r}", "")
    stable = find_stable_decay(rest)
    if stable is None:
        return None
    updates, curve = stable
    if is_line(curve):
        shape = "'linear'"
    elif isinstance(curve, Cosine):
        shape = "'cosine'"
    elif isinstance(curve, Annealing) and (curve.shape, curve.power) == ("linear", 1):
        shape = f"'power', decay_power={curve.elapsed_power!r}"
    else:
        return None
    if curve.final_lr > curve.base_lr:  # the class keeps the constant rate at least at lr_min
        return None
    return ("WSDLRScheduler", f"t_initial={updates + int(curve.updates)}, decay_t={int(curve.updates)}, "
            f"lr_min={curve.final_lr!r}, decay_fn={shape}", "")
