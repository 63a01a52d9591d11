"""Writes a schedule with fvcore's schedulers: functions of the completed share of a training of TOTAL updates.

Source: fvcore 0.1.5, common/param_scheduler.py. It adds 1e-6 to the share before it looks for the part, so that a
training of a million updates would change early.
"""

from __future__ import annotations

import re

from frameworks.schedule import Constant, Cosine, Exponential, Polynomial, Schedule
from frameworks.schedule.fields import MIN_POSITIVE
from parity.port.write.native.pieces import Piece, split
from parity.port.write.native.shapes import compute_training, is_line, list_rates
from parity.port.write.native.spelling import Spelling

#: The longest training in which no part begins early.
_LONGEST = 500_000


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the spelling with a class of fvcore, None if no class applies the schedule."""
    pieces = split(schedule)
    total = compute_training(pieces)
    if total == sum(piece.length or 0 for piece in pieces):
        pieces = pieces[:-1]
    if total > _LONGEST:
        return None
    constructor = _write(pieces, total)
    if constructor is None:
        return None
    names = ", ".join(sorted(set(re.findall(r"\b([A-Z]\w+)\(", constructor))))
    return Spelling(f"import torch\nfrom fvcore.common.param_scheduler import {names}\n\n"
                    f"TOTAL = {total}  # updates of the training\nscheduler = {constructor}\n"
                    f"optimizer = torch.optim.SGD(model.parameters(), lr=scheduler(0.0))\n"
                    '# before update t, counted from 0: group["lr"] = scheduler(t / TOTAL), for each group\n',
                    f"It ends after {total} updates.")


def _write(pieces: list[Piece], total: int) -> str | None:
    """Return the constructor for the pieces of the first `total` updates."""
    lengths = [piece.length or 0 for piece in pieces]
    lengths[-1] = total - sum(lengths[:-1])
    if steps := list_rates([*pieces[:-1], Piece(pieces[-1].of, lengths[-1])]):
        starts, rates = steps
        if not starts:
            return f"ConstantParamScheduler({rates[0]!r})"
        return f"MultiStepParamScheduler({rates}, num_updates={total}, milestones={starts})"
    parts = [_write_piece(piece.of, length) for piece, length in zip(pieces, lengths)]
    if None in parts:
        return None
    if len(parts) == 1:
        return parts[0]
    return (f"CompositeParamScheduler([{', '.join(filter(None, parts))}], {[length / total for length in lengths]}, "
            f"{['rescaled'] * len(parts)})")


def _write_piece(of: Schedule, length: int) -> str | None:
    """Return the constructor for one piece, whose share goes from 0 to 1 in `length` updates."""
    if isinstance(of, Constant):
        return f"ConstantParamScheduler({of.base_lr!r})"
    if isinstance(of, Exponential) and MIN_POSITIVE < (factor := of.factor ** (length / of.updates)) < 1:
        return f"ExponentialParamScheduler({of.base_lr!r}, {factor!r})"
    if not isinstance(of, Cosine | Polynomial) or of.updates != length:
        return None
    if isinstance(of, Cosine):
        return f"CosineParamScheduler({of.base_lr!r}, {of.final_lr!r})"
    if is_line(of):
        return f"LinearParamScheduler({of.base_lr!r}, {of.final_lr!r})"
    return None if of.final_lr else f"PolynomialDecayParamScheduler({of.base_lr!r}, {of.power!r})"
