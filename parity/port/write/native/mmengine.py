"""Writes a schedule as the param_scheduler of an MMEngine configuration, counted in updates (by_epoch=False).

Source: mmengine 0.10.7, optim/scheduler/param_scheduler.py. Each dict acts on the rate of the one before it, from
update `begin` to update `end` - 1, and reaches its last rate there.
"""

from __future__ import annotations

from frameworks.schedule import Constant, Cosine, Exponential, Factor, MultiFactor, Polynomial, Schedule
from parity.port.write.native.pieces import Curve, Piece, split
from parity.port.write.native.shapes import is_line
from parity.port.write.native.spelling import Spelling, is_unbounded

_AGAIN = "It computes each rate from the previous one."


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the param_scheduler of MMEngine, None if no dicts apply the schedule."""
    pieces = split(schedule)
    base = max(piece.first for piece in pieces)
    rate, start, entries, notes = base, 0, [], []
    for piece in pieces:
        spelled = _write_entry(piece, start, rate, base)
        if spelled is None:
            return None
        entry, note = spelled
        entries += [entry] if entry else []
        notes += [note] if note else []
        rate, start = piece.of.lr(piece.length or 0), start + (piece.length or 0)
    entries = entries or ["dict(type='ConstantLR', factor=1.0, by_epoch=False, end=2)"]
    return Spelling(f"optim_wrapper = dict(optimizer=dict(type='SGD', lr={base!r}))\n"
                    f"param_scheduler = [{', '.join(entries)}]\n", " ".join(dict.fromkeys(notes)))


def _write_entry(piece: Piece, start: int, rate: float, base: float) -> tuple[str, str] | None:
    """Return the dict of a piece that begins at update `start`, and a note; "" for a rate that stays; else None.

    rate: the rate at which the pieces before it end. base: the optimizer's rate.
    """
    of, first = piece.of, piece.first
    if isinstance(of, Curve) and piece.length != of.updates:
        return None
    if is_line(of) and start == 0:  # a product: it begins at a share of the optimizer's rate
        share = first / base or 1e-8
        return (f"dict(type='LinearLR', start_factor={share!r}, end_factor={of.final_lr / base!r}, by_epoch=False, "
                f"begin=0, end={of.updates + 1})", _AGAIN if first else "LinearLR cannot start at 0."
                ) if max(first, of.final_lr) <= base else None
    if first != rate:
        return None
    if isinstance(of, Constant):
        return "", ""
    at = f"by_epoch=False, begin={start}"
    if isinstance(of, Polynomial) and of.final_lr < first:
        return (f"dict(type='PolyLR', power={of.power!r}, eta_min={of.final_lr!r}, {at}, "
                f"end={start + of.updates + 1})", _AGAIN)
    if isinstance(of, Cosine) and first == base:
        return (f"dict(type='CosineAnnealingLR', T_max={of.updates}, eta_min={of.final_lr!r}, {at}, "
                f"end={start + of.updates + 1})", _AGAIN)
    if piece.length is not None:
        return None
    if isinstance(of, MultiFactor):
        return f"dict(type='MultiStepLR', milestones={list(of.milestones)}, gamma={of.factor!r}, {at})", ""
    if isinstance(of, Factor):
        return (f"dict(type='StepLR', step_size={of.every}, gamma={of.factor!r}, {at})",
                "It has no floor." if of.min_lr else "")
    if isinstance(of, Exponential) and is_unbounded(of) and of.factor < 1:
        return f"dict(type='ExponentialLR', gamma={of.factor ** (1 / of.updates)!r}, {at})", _AGAIN
    return None
