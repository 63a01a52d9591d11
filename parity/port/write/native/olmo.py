"""Writes a schedule with OLMo-core's schedulers, which multiply the optimizer's rate.

Source: ai2-olmo-core 3.0, optim/scheduler.py. The trainer counts an update before it sets the rate: a warm-up of n
updates is one of n + 1, whose first rate no update has, so that it cannot begin at 0.
"""

from __future__ import annotations

from typing import Any

from frameworks.schedule import Constant, Cosine, InverseSquareRoot, Schedule
from parity.port.write.native.pieces import Piece, split
from parity.port.write.native.shapes import compute_training, find_stable_decay, is_line, split_line_up
from parity.port.write.native.spelling import Spelling


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the spelling with a class of OLMo-core, None if no class applies the schedule."""
    pieces = split(schedule)
    line, rest = split_line_up(pieces)
    warm, low, base = line.updates + 1 if line else 1, 0.0, rest[0].first
    if line:
        low = line.base_lr - (line.final_lr - line.base_lr) / line.updates
        low = 0.0 if abs(low) < 1e-12 * base else low
    result = _find(rest, warm, line is not None) if low >= 0 and base else None
    if result is None:
        return None
    name, arguments, total = result
    warmup: dict[str, Any] = {} if name == "ConstantScheduler" else {"warmup": warm}
    given = warmup | ({"warmup_min_lr": low} if low else {}) | arguments
    constructor = f"{name}({', '.join(f'{key}={value!r}' for key, value in given.items())})"
    end, free = (f"It ends after {total} updates.", "") if total else ("", "; the rates do not depend on it")
    return Spelling(f"from olmo_core.optim.scheduler import {name}\n\n"
                    f"TOTAL = {total or compute_training(pieces)}  # max_duration=Duration.steps(TOTAL){free}\n"
                    f"LR = {base!r}  # of the optimizer: AdamWConfig(lr=LR)\n"
                    f"scheduler = {constructor}  # TransformerTrainModuleConfig(..., scheduler=scheduler)\n", end)


def _find(rest: list[Piece], warm: int, has_warmup: bool) -> tuple[str, dict[str, Any], int | None] | None:
    """Return the class, its arguments, and the length of the training if the rates depend on it."""
    of, base = rest[0].of, rest[0].first
    if len(rest) == 1 and isinstance(of, Constant):
        return "ConstantWithWarmup" if has_warmup else "ConstantScheduler", {}, None
    if len(rest) == 1 and isinstance(of, InverseSquareRoot) and of.timescale == warm:
        return "InvSqrtWithWarmup", {"alpha_f": 0.0}, None
    decay = find_stable_decay(rest)
    if decay is None or decay[1].final_lr > base or not (is_line(decay[1]) or isinstance(decay[1], Cosine)):
        return None
    stable, curve = decay
    updates = int(curve.updates)
    end = warm + stable + updates
    if stable and is_line(curve):
        return "WSD", {"decay": updates, "decay_fraction": None, "decay_min_lr": curve.final_lr}, end
    return None if stable else ("LinearWithWarmup" if is_line(curve) else "CosWithWarmup", {
        "alpha_f": curve.final_lr / base, "t_max": end}, None)
