"""Writes a schedule with GluonCV's LRScheduler and LRSequential, which a Trainer calls with 1 first.

Source: gluoncv 0.10.5, gluoncv/utils/lr_scheduler.py. LRSequential never applies a first segment of one iteration, so
that the segments after it begin at the first update. A segment reaches its last rate at niters - 1.
"""

from __future__ import annotations

from frameworks.schedule import Constant, Cosine, Factor, MultiFactor, Polynomial, Schedule
from parity.port.write.native.pieces import Piece, split
from parity.port.write.native.shapes import is_constant, is_line, list_rates
from parity.port.write.native.spelling import Spelling, strip_shift

_HEAD = "from gluoncv.utils import {names}  # with NumPy 1.24 or later, set numpy.bool = bool before\n\n"


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the spelling with a class of GluonCV, None if no class applies the schedule."""
    inner, early = strip_shift(schedule)
    segments = _write_segments(split(inner if early else schedule))
    if segments is None and early:
        early, segments = False, _write_segments(split(schedule))
    if segments is None:
        return None
    if not early and (len(segments) > 1 or "'constant'" not in segments[0]):
        segments = ["LRScheduler('constant', base_lr=0.0, niters=1)", *segments]
    if len(segments) == 1:
        constructor, names = segments[0], "LRScheduler"
    else:
        constructor, names = f"LRSequential([{', '.join(segments)}])", "LRScheduler, LRSequential"
    return Spelling(f"{_HEAD.format(names=names)}lr_scheduler = {constructor}\n")


def _write_segments(pieces: list[Piece]) -> list[str] | None:
    """Return a LRScheduler for each piece, None if it has no mode for one of them."""
    segments: list[str | None] = []
    rest = list(pieces)
    while rest:
        piece, *rest = rest
        of, length = piece.of, piece.length
        if isinstance(of, Polynomial | Cosine) and rest and is_constant(rest[0], of.final_lr) and length == of.updates:
            segments.append(_write_curve(of, of.final_lr, of.updates + 1))  # its last rate is a part of the segment
            held = rest.pop(0)
            if held.length is not None and held.length > 1:
                rest.insert(0, Piece(held.of, held.length - 1))
        else:
            segments.append(_write_segment(piece))
    return None if None in segments else list(filter(None, segments))


def _write_segment(piece: Piece) -> str | None:
    of, length = piece.of, piece.length
    if isinstance(of, Constant):
        return f"LRScheduler('constant', base_lr={of.base_lr!r}, niters={length or 1})"
    if isinstance(of, MultiFactor | Factor):
        return _write_steps(of, length)
    if not isinstance(of, Polynomial | Cosine) or not length:
        return None
    if length == 1:
        return f"LRScheduler('constant', base_lr={of.base_lr!r}, niters=1)"
    return _write_curve(of, of.lr(length - 1), length) if is_line(of) else None


def _write_curve(of: Polynomial | Cosine, last: float, iterations: int) -> str:
    ends = f"base_lr={of.base_lr!r}, target_lr={last!r}, niters={iterations}"
    if is_line(of):
        return f"LRScheduler('linear', {ends})"
    return f"LRScheduler('cosine', {ends})" if isinstance(of, Cosine) else (
        f"LRScheduler('poly', {ends}, power={of.power!r})")


def _write_steps(of: MultiFactor | Factor, length: int | None) -> str | None:
    """Return mode "step", for drops by one factor down to no lowest rate."""
    steps = list_rates([Piece(of, length)])
    if steps is None or (isinstance(of, Factor) and of.min_lr) or not steps[0]:
        return None
    return (f"LRScheduler('step', base_lr={of.base_lr!r}, niters={length or steps[0][-1] + 1}, "
            f"step_iter={steps[0]}, step_factor={of.factor!r})")
