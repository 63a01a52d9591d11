"""Writes a schedule with MLX's functions of the number of updates already made, joined where it has several parts.

Source: mlx 0.32, optimizers/schedulers.py. They compute in float32.
"""

from __future__ import annotations

import itertools

from frameworks.schedule import Constant, Cosine, Exponential, Factor, Schedule
from parity.port.write.native.pieces import Piece, split
from parity.port.write.native.shapes import is_line, split_drops
from parity.port.write.native.spelling import UNBOUNDED, Spelling, is_unbounded


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the spelling with functions of MLX, None if none applies a part of the schedule."""
    pieces = split_drops(split(schedule))
    calls = [_write(piece) for piece in pieces]
    if None in calls:
        return None
    parts = list(filter(None, calls))
    starts = list(itertools.accumulate(piece.length or 0 for piece in pieces[:-1]))
    joined = f"join_schedules([{', '.join(parts)}], {starts})" if starts else parts[0]
    names = sorted({part.partition("(")[0] for part in parts} | ({"join_schedules"} if starts else set()))
    increases = any(isinstance(piece.of, Exponential) and piece.of.factor > 1 for piece in pieces)
    return Spelling(f"import mlx.optimizers\nfrom mlx.optimizers import {', '.join(names)}\n\n"
                    f"schedule = {joined}\noptimizer = mlx.optimizers.SGD(learning_rate=schedule)\n",
                    "It computes in float32." + (f" {UNBOUNDED}" if increases else ""))


def _write(piece: Piece) -> str | None:
    """Return the call for a piece, None without a function for it."""
    of, first = piece.of, piece.first
    if isinstance(of, Constant):
        return f"linear_schedule({first!r}, {first!r}, 1)"
    if is_line(of):
        return f"linear_schedule({first!r}, {of.final_lr!r}, {of.updates})"
    if isinstance(of, Cosine):
        return f"cosine_decay({first!r}, {of.updates}, {of.final_lr!r})"
    if isinstance(of, Factor) and not of.min_lr:
        return f"step_decay({first!r}, {of.factor!r}, {of.every})"
    if isinstance(of, Exponential) and is_unbounded(of):
        return f"exponential_decay({first!r}, {of.factor ** (1 / of.updates)!r})"
    return None
