"""Writes a schedule with the functions of Hugging Face transformers, which multiply the optimizer's rate.

Source: transformers 5.24, optimization.py.
"""

from __future__ import annotations

from frameworks.schedule import Constant, Cosine, InverseSquareRoot, Polynomial, Schedule
from parity.port.write.native.pieces import Curve, Piece, split
from parity.port.write.native.shapes import (
    find_decay,
    find_restarts,
    find_stable_decay,
    find_swing,
    is_constant,
    is_line,
    is_root,
    split_line_up,
)
from parity.port.write.native.spelling import Spelling
from parity.port.write.native.with_torch import write_around

#: The optimizer's rate, the constructor, and the note about its difference.
Found = tuple[float, str, str]


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the spelling with a function of transformers, None if none applies the schedule."""
    pieces = split(schedule)
    line, rest = split_line_up(pieces)
    base, warm, begin = rest[0].first, line.updates if line else 0, line.base_lr if line else 0.0
    result = _find(rest, base, warm) if base and not begin else None
    if result is None or result[2]:
        result = _find_wsd(pieces) or result
    if pieces == [Piece(Constant(base_lr=0.0))]:
        result = 0.0, "get_constant_schedule(optimizer)", ""
    if result is None:
        return None
    base, constructor, note = result
    return write_around("transformers.optimization", base, constructor, "scheduler.step() after every update", note)


def _find(rest: list[Piece], base: float, warm: int) -> Found | None:
    """Return the function for the pieces after a warm-up from 0."""
    if len(rest) == 1:
        return _find_endless(rest[0].of, base, warm)
    if cycles := _count_restarts(rest):
        return _write_hard(base, warm, rest[0].length or 0, cycles)
    curve = find_decay(rest)
    if isinstance(curve, Cosine) and curve.final_lr <= base:
        if not curve.final_lr:
            return _write_hard(base, warm, curve.updates, 1)
        return _write_min(base, warm, curve, f"It increases again after update {warm + curve.updates}.")
    if not isinstance(curve, Polynomial) or curve.final_lr >= base:
        return None
    total = warm + curve.updates
    if is_line(curve) and not curve.final_lr:
        return base, f"get_linear_schedule_with_warmup(optimizer, {warm}, {total})", ""
    return (base, f"get_polynomial_decay_schedule_with_warmup(optimizer, {warm}, {total}, lr_end={curve.final_lr!r}, "
            f"power={curve.power!r})", "")


def _find_endless(of: Schedule, base: float, warm: int) -> Found | None:
    if isinstance(of, Constant):
        return base, (f"get_constant_schedule_with_warmup(optimizer, {warm})" if warm else
                      "get_constant_schedule(optimizer)"), ""
    if isinstance(of, InverseSquareRoot):
        return base, f"get_inverse_sqrt_schedule(optimizer, {warm}, timescale={of.timescale!r})", ""
    half = find_swing(of)
    if half is None or half.final_lr > base:
        return None
    if half.final_lr:
        return _write_min(base, warm, half)
    return base, f"get_cosine_schedule_with_warmup(optimizer, {warm}, {warm + half.updates})", ""


def _count_restarts(rest: list[Piece]) -> int:
    """Return the number of cosine cycles to 0 before a rate of 0; 0 for other pieces, and where rounding moves one."""
    if len(rest) != 2 or not is_constant(rest[1], 0.0) or not (length := rest[0].length):
        return 0
    cycles = find_restarts(rest[0].of)
    if cycles is None or (cycles.growth, cycles.decay, cycles.final_lr) != (1, 1, 0) or length % cycles.updates:
        return 0
    many = length // cycles.updates
    return many if all(many * (start / length) % 1 == 0 for start in range(0, length, cycles.updates)) else 0


def _write_hard(base: float, warm: int, updates: int, cycles: int) -> Found:
    return (base, f"get_cosine_with_hard_restarts_schedule_with_warmup(optimizer, {warm}, {warm + updates}, "
            f"num_cycles={cycles})", "")


def _write_min(base: float, warm: int, curve: Cosine, note: str = "") -> Found:
    return (base, f"get_cosine_with_min_lr_schedule_with_warmup(optimizer, {warm}, {warm + curve.updates}, "
            f"min_lr_rate={curve.final_lr / base!r})", note)


def _find_wsd(pieces: list[Piece]) -> Found | None:
    """Return get_wsd_schedule: its warm-up begins at the rate at which its decay ends."""
    warm, rise, rest, first = 0, "linear", pieces, pieces[0].of
    if len(pieces) > 2 and isinstance(first, Curve) and first.base_lr < first.final_lr == pieces[1].first:
        if not (rise := _name_shape(first, up=True)) or pieces[0].length != first.updates:
            return None
        warm, rest = pieces[0].length, pieces[1:]
    decay, base = find_stable_decay(rest), rest[0].first
    if decay is None or not base:
        return None
    stable, curve = decay
    fall, low = _name_shape(curve, up=False), curve.final_lr
    if not fall or low > base or (warm and pieces[0].first != low):
        return None
    return (base, f"get_wsd_schedule(optimizer, {warm}, {int(curve.updates)}, num_stable_steps={stable}, "
            f"warmup_type={rise!r}, decay_type={fall!r}, min_lr_ratio={low / base!r})", "")


def _name_shape(of: Schedule, *, up: bool) -> str:
    """Return what the function calls the shape of a warm-up or a decay, "" if it does not have it."""
    if is_line(of):
        return "linear"
    if isinstance(of, Cosine):
        return "cosine"
    if up:
        return "1-sqrt" if isinstance(of, Polynomial) and of.power == 0.5 else ""
    return "1-sqrt" if is_root(of) else ""
