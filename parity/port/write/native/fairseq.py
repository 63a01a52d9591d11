"""Writes a schedule as fairseq's command-line arguments. W is --warmup-updates.

Source: fairseq 0.12.2, optim/lr_scheduler/. The trainer sets the rate by the updates already made, which include the
warm-up.
"""

from __future__ import annotations

from typing import Any

from frameworks.schedule import Annealing, Constant, Cosine, Factor, InverseSquareRoot, Polynomial, Repeat, Schedule
from parity.port.write.native.pieces import Piece, split
from parity.port.write.native.shapes import find_decay, find_restarts, find_stable_decay, find_triangle, split_line_up
from parity.port.write.native.spelling import Spelling

#: The name of the scheduler, its arguments, and the note about its difference.
Found = tuple[str, dict[str, Any], str]


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the arguments of fairseq, None if they cannot describe the schedule."""
    line, rest = split_line_up(split(schedule))
    warm, begin = (line.updates, line.base_lr) if line else (0, 0.0)
    result = _find(rest, warm, begin)
    if result is None:
        return None
    name, arguments, note = result
    words = {"lr": rest[0].first, "lr-scheduler": name, **arguments}
    return Spelling(" ".join(f"--{option} {value}" for option, value in words.items()) + "\n", note)


def _find(rest: list[Piece], warm: int, begin: float) -> Found | None:
    """Return the scheduler for the pieces after a warm-up from the rate `begin`."""
    of, base = rest[0].of, rest[0].first
    warmup: dict[str, Any] = {"warmup-updates": warm, "warmup-init-lr": begin} if warm else {}
    if len(rest) == 1:
        return _find_endless(of, base, warm, warmup)
    if (decay := find_stable_decay(rest)) and base and isinstance(curve := decay[1], Annealing) and (
            (curve.shape, curve.power, curve.elapsed_power) == ("exponential", 1, 1)):
        return "tri_stage", {"warmup-steps": warm, "hold-steps": decay[0], "decay-steps": int(curve.updates),
                             "init-lr-scale": begin / base, "final-lr-scale": curve.final_lr / base}, ""
    curve = find_decay(rest)
    if isinstance(curve, Polynomial) and not begin:
        return "polynomial_decay", {"warmup-updates": warm, "total-num-update": warm + curve.updates,
                                    "end-learning-rate": curve.final_lr, "power": curve.power}, ""
    if not isinstance(curve, Cosine) or curve.final_lr >= base:
        return None
    end = warm + curve.updates
    return _write_cosine(curve, warmup, 1.0, {"max-update": end}, f"It ends after {end} updates.")


def _find_endless(of: Schedule, base: float, warm: int, warmup: dict[str, Any]) -> Found | None:
    """Return the scheduler for a schedule without an end."""
    if isinstance(of, Constant):
        return ("step", {**warmup, "lr-decay": 1.0}, "") if warm else ("fixed", {}, "")
    if isinstance(of, InverseSquareRoot):
        return ("inverse_sqrt", warmup, "") if warm == of.timescale else None
    if isinstance(of, Factor):
        return ("step", {**warmup, "min-lr": of.min_lr, "lr-deacy-period": of.every, "lr-decay": of.factor}, ""
                ) if of.min_lr < base else None
    if (lines := find_triangle(of)) and not warm and lines[0] < lines[1]:
        return "triangular", {"max-lr": lines[1], "lr-period-updates": 2 * lines[2], "lr-shrink": 1.0}, ""
    shrink = of.decay if isinstance(of, Repeat) and not of.min_lr else 1.0
    cycles = find_restarts(of.model_copy(update={"decay": 1.0}) if shrink < 1 else of)
    if cycles is None or (cycles.growth, cycles.decay) != (1, 1) or cycles.final_lr >= base:
        return None
    return _write_cosine(Cosine(base_lr=base, final_lr=cycles.final_lr, updates=cycles.updates), warmup, shrink)


def _write_cosine(curve: Cosine, warmup: dict[str, Any], shrink: float, more: dict[str, Any] | None = None,
                  note: str = "") -> Found:
    return "cosine", {**warmup, "min-lr": curve.final_lr, "lr-period-updates": curve.updates, "lr-shrink": shrink,
                      **(more or {})}, note
