"""Writes a schedule as the "scheduler" section of a DeepSpeed configuration.

Source: deepspeed 0.19.8, runtime/lr_schedules.py. The first update applies the first rate of the warm-up, and so does
the second one: the engine steps the scheduler after each update, and its count begins at -1. Only the cosine of
WarmupCosineLR is on time.
"""

from __future__ import annotations

import json
from typing import Any

from frameworks.schedule import Constant, Cosine, Schedule
from parity.port.write.native.pieces import Piece, split
from parity.port.write.native.shapes import find_decay, is_constant, is_line, split_line_up
from parity.port.write.native.spelling import Spelling

_LATE = "Every rate after the first one comes one update late."


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the section of DeepSpeed, None if no class applies the schedule."""
    pieces = split(schedule)
    delayed = len(pieces) > 2 and is_constant(pieces[0], pieces[1].first) and pieces[0].length == 1
    line, rest = split_line_up(pieces[1:] if delayed else pieces)
    if line is None or line.updates < 2:
        return None
    spelled = _find(line.updates, line.base_lr, rest)
    if spelled is None or (delayed and spelled[0] == "WarmupCosineLR"):
        return None
    name, params, note = spelled
    sections = {"optimizer": {"type": "SGD", "params": {"lr": rest[0].first}},
                "scheduler": {"type": name, "params": params}}
    return Spelling(f"{json.dumps(sections, indent=1)}\n", "" if delayed else note)


def _find(warm: int, begin: float, rest: list[Piece]) -> tuple[str, dict[str, Any], str] | None:
    """Return the class, its arguments and the note about its difference, for a warm-up and the pieces after it."""
    base = rest[0].first
    rates = {"warmup_min_lr": begin, "warmup_max_lr": base, "warmup_num_steps": warm, "warmup_type": "linear"}
    if len(rest) == 1 and isinstance(rest[0].of, Constant):
        return "WarmupLR", rates, _LATE
    curve = find_decay(rest)
    if curve is not None and is_line(curve) and curve.final_lr == begin < base:
        return "WarmupDecayLR", {"total_num_steps": warm + curve.updates, **rates}, _LATE
    if not isinstance(curve, Cosine) or curve.final_lr > base:
        return None
    ratios = {"warmup_min_ratio": begin / base, "warmup_num_steps": warm, "warmup_type": "linear",
              "cos_min_ratio": curve.final_lr / base}
    return ("WarmupCosineLR", {"total_num_steps": warm + curve.updates, **ratios},
            "Its first update applies 0, and its warm-up comes one update late.")
