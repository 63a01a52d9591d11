"""Writes a schedule as SOLVER pairs of detectron2's command line; the training ends after MAX_ITER updates.

Source: detectron2 (2026-06), solver/build.py and solver/lr_scheduler.py. With RESCALE_INTERVAL the cosine begins after
the warm-up; without it STEPS and the cosine count the warm-up too. fvcore adds 1e-6 to the completed share.
"""

from __future__ import annotations

import math
from typing import Any

from frameworks.schedule import Constant, Cosine, Factor, MultiFactor, Schedule, Shift
from parity.port.write.native.pieces import Piece, split
from parity.port.write.native.shapes import compute_training, find_decay, is_constant, list_rates, split_line_up
from parity.port.write.native.spelling import Spelling

_MOST = 10**6


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the pairs of SOLVER, None if they cannot describe the schedule."""
    pieces = split(schedule)
    total = compute_training(pieces)
    line, rest = split_line_up(pieces)
    warm, mode, begin = (line.updates, "linear", line.base_lr) if line else (0, "linear", 0.0)
    if line is None and len(rest) > 1 and is_constant(rest[0], begin := rest[0].first) and begin < rest[1].first:
        warm, mode, rest = rest[0].length or 0, "constant", rest[1:]
    result = _find(rest, warm, total) if total < _MOST else None
    if result is None or not result["BASE_LR"]:
        return None
    warmup = {"WARMUP_ITERS": warm} | ({
        "WARMUP_FACTOR": repr(begin / result["BASE_LR"]), "WARMUP_METHOD": mode} if warm else {})
    pairs = result | warmup | {"MAX_ITER": total}
    return Spelling(" ".join(f"SOLVER.{key} {value}" for key, value in pairs.items()) + "\n",
                    f"It ends after {total} updates.")


def _find(rest: list[Piece], warm: int, total: int) -> dict[str, Any] | None:
    """Return the pairs for the pieces after the warm-up."""
    base, of, curve = rest[0].first, rest[0].of, find_decay(rest)
    if isinstance(curve, Cosine):
        return None if curve.final_lr > base else {
            "LR_SCHEDULER_NAME": "WarmupCosineLR", "BASE_LR": base, "BASE_LR_END": curve.final_lr,
            "RESCALE_INTERVAL": True}
    if isinstance(of, Shift) and isinstance(curve := of.of, Cosine) and (of.by, curve.updates) == (warm, total) and (
            is_constant(rest[-1], curve.final_lr) and curve.final_lr <= curve.base_lr):
        return {"LR_SCHEDULER_NAME": "WarmupCosineLR", "BASE_LR": curve.base_lr, "BASE_LR_END": curve.final_lr}
    if len(rest) > 1 or not isinstance(of, Constant | Factor | MultiFactor):
        return None
    steps = list_rates([Piece(of, total - warm)])
    factor = 1.0 if isinstance(of, Constant) else of.factor
    # a product rounds differently from a power; the rates that are written are compared by tests.harness.written
    if steps is None or not all(math.isclose(rate, base * factor**drops) for drops, rate in enumerate(steps[1])):
        return None
    starts = str(tuple(warm + start for start in steps[0])).replace(" ", "")
    return {"LR_SCHEDULER_NAME": "WarmupMultiStepLR", "BASE_LR": base, "STEPS": f'"{starts}"', "GAMMA": factor}
