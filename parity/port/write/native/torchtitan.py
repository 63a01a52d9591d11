"""Writes a schedule as sections of torchtitan's TOML configuration.

Source: torchtitan 0.2.2, components/lr_scheduler.py. The first update has 1/warmup_steps of the rate, so that a warm-up
of n updates begins at 1/(n + 1) of it. The rate is whole for at least one update, and the training ends one update
before its decay.
"""

from __future__ import annotations

import json
import math
from typing import Any

from frameworks.schedule import Constant, Cosine, Schedule
from parity.port.write.native.pieces import Piece, split
from parity.port.write.native.shapes import compute_training, find_stable_decay, is_line, is_root, split_line_up
from parity.port.write.native.spelling import Spelling


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the sections of torchtitan, None if they cannot describe the schedule."""
    pieces = split(schedule)
    line, rest = split_line_up(pieces)
    warm = line.updates + 1 if line else 0
    # base_lr is a quotient, which is rounded; the rates that are written are compared by tests.harness.written
    result = _find(rest, warm, compute_training(pieces)) if line is None or math.isclose(
        line.base_lr * warm, line.final_lr) else None
    if result is None:
        return None
    total, fields = result
    settings = "".join(f"{name} = {json.dumps(value)}\n" for name, value in ({"warmup_steps": warm} | fields).items())
    return Spelling(f"[optimizer]\nlr = {rest[0].first!r}\n\n[lr_scheduler]\n{settings}\n[training]\nsteps = {total}\n",
                    f"It ends after {total} updates.")


def _find(rest: list[Piece], warm: int, total: int) -> tuple[int, dict[str, Any]] | None:
    """Return the updates of the training and the fields, for the pieces after the warm-up."""
    if len(rest) == 1 and isinstance(rest[0].of, Constant):
        return total, {"decay_ratio": 0.0}
    decay, base = find_stable_decay(rest), rest[0].first
    if decay is None or (warm and not decay[0]) or decay[1].final_lr > base:
        return None
    stable, curve = decay
    shape, updates = _name_shape(curve), int(curve.updates)
    total = max(warm - 1, 0) + stable + updates
    ratio = updates / total
    return (total, {"decay_ratio": ratio, "decay_type": shape, "min_lr_factor": curve.final_lr / base}
            ) if shape and round(total * ratio) == updates else None


def _name_shape(curve: Schedule) -> str:
    """Return the decay_type of a curve, "" without one."""
    if is_line(curve):
        return "linear"
    return "cosine" if isinstance(curve, Cosine) else "sqrt" if is_root(curve) else ""
