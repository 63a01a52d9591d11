"""Writes a schedule as the arguments of Megatron-LM's training script.

Source: megatron-core 0.16.1, core/optimizer_param_scheduler.py. It counts the updates already made from 0. Its decay
ends at --lr-decay-iters, which includes the warm-up.
"""

from __future__ import annotations

from frameworks.schedule import Constant, Cosine, InverseSquareRoot, Schedule
from parity.port.write.native.pieces import Piece, split
from parity.port.write.native.shapes import compute_training, find_stable_decay, is_line, is_root, split_line_up
from parity.port.write.native.spelling import Spelling

#: Updates that stand for a training without an end.
_MANY = 10**9


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the arguments of Megatron-LM, None if they cannot describe the schedule."""
    pieces = split(schedule)
    line, rest = split_line_up(pieces)
    warm, begin = (line.updates, line.base_lr) if line else (0, 0.0)
    spelled = _find(rest, warm)
    if spelled is None:
        return None
    style, until, low, note = spelled
    warmup = f" --lr-warmup-iters {warm} --lr-warmup-init {begin!r}" if warm else ""
    return Spelling(f"--lr {rest[0].first!r} --min-lr {low!r}{warmup} --lr-decay-iters {until} "
                    f"--lr-decay-style {style} --train-iters {compute_training(pieces)}\n"
                    "# --train-iters: write the updates of your training; the rates do not depend on it\n", note)


def _find(rest: list[Piece], warm: int) -> tuple[str, int, float, str] | None:
    """Return the style with its arguments, --lr-decay-iters, --min-lr, and the note about its difference."""
    of, base = rest[0].of, rest[0].first
    if len(rest) == 1 and isinstance(of, Constant):
        return "constant", warm + 1, base, ""
    if len(rest) == 1 and isinstance(of, InverseSquareRoot) and warm == of.timescale:
        return "inverse-square-root", _MANY, 0.0, f"It ends after {_MANY:,} updates."
    decay = find_stable_decay(rest)
    if decay is None or decay[1].final_lr > base:
        return None
    stable, curve = decay
    if is_line(curve):
        shape = "linear"
    elif isinstance(curve, Cosine):
        shape = "cosine"
    elif is_root(curve):
        shape = "minus_sqrt"
    else:
        return None
    updates = int(curve.updates)
    if stable or shape == "minus_sqrt":
        style = f"WSD --lr-wsd-decay-iters {updates} --lr-wsd-decay-style {shape}"
    else:
        style = shape
    return style, warm + stable + updates, curve.final_lr, ""
