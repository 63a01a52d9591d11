"""Writes a schedule with PyTorch-Ignite's schedulers, attached to Events.ITERATION_STARTED.

Source: pytorch-ignite 0.5.5, handlers/param_scheduler.py. They set the rate itself. The first update has index 0.
"""

from __future__ import annotations

import re

from frameworks.schedule import Constant, Cosine, Factor, Schedule
from parity.port.write.native.pieces import Piece, split
from parity.port.write.native.shapes import find_restarts, find_triangle, is_line, split_drops
from parity.port.write.native.spelling import Spelling


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the spelling with a scheduler of Ignite, None if none applies the schedule."""
    segments: list[tuple[str, int]] = []
    run: list[Piece] = []
    for piece in split_drops(split(schedule)):
        if is_line(piece.of) or isinstance(piece.of, Constant):
            run.append(piece)
            continue
        constructor = _write(piece.of)
        if constructor is None or ("LRScheduler(" in constructor and (segments or run or piece.length)):
            return None
        segments += [*_write_lines(run), (constructor, piece.length or 0)]
        run = []
    segments += _write_lines(run)
    constructors = [constructor for constructor, _ in segments]
    whole = constructors[0] if len(segments) == 1 else (
        f"ConcatScheduler([{', '.join(constructors)}], {[length for _, length in segments[:-1]]})")
    names = sorted(set(re.findall(r"\b(\w+(?:Scheduler|Linear))\(", whole)))
    torch = ", ".join(sorted(set(re.findall(r"\b(StepLR)\(", whole))))
    return Spelling(
        f"import torch\nfrom ignite.engine import Events\nfrom ignite.handlers import {', '.join(names)}\n"
        + (f"from torch.optim.lr_scheduler import {torch}\n" if torch else "")
        + f"\noptimizer = torch.optim.SGD(model.parameters(), lr={schedule.lr(0)!r})\nscheduler = {whole}\n"
        "trainer.add_event_handler(Events.ITERATION_STARTED, scheduler)\n")


def _write(of: Schedule) -> str | None:
    """Return the constructor for a cosine, cycles, or drops without an end."""
    if isinstance(of, Cosine) and of.updates > 1:
        return _write_cycle("CosineAnnealingScheduler", of.base_lr, of.final_lr, of.updates)
    if isinstance(of, Factor) and not of.min_lr:
        return f"LRScheduler(StepLR(optimizer, {of.every}, gamma={of.factor!r}))"
    if lines := find_triangle(of):
        low, high, updates = lines
        return _write_cycle("LinearCyclicalScheduler", low, high, 2 * updates)
    cycles = find_restarts(of)
    if cycles is None or cycles.updates < 2 or (cycles.decay < 1 and cycles.sinks == "height" and cycles.final_lr):
        return None
    changes = {"cycle_mult": cycles.growth, "start_value_mult": cycles.decay}
    return _write_cycle("CosineAnnealingScheduler", cycles.base_lr, cycles.final_lr, cycles.updates, "".join(
        f", {name}={value!r}" for name, value in changes.items() if value != 1))


def _write_cycle(name: str, first: float, last: float, updates: int, more: str = "") -> str:
    return f"{name}(optimizer, 'lr', {first!r}, {last!r}, {updates}{more})"


def _write_lines(run: list[Piece]) -> list[tuple[str, int]]:
    """Return PiecewiseLinear for lines and constant rates, and its length: a jump is a line of one update."""
    points: dict[int, float] = {}
    start, before = 0, None
    for piece in run:
        if before and before.length and before.of.lr(before.length) != piece.first:
            points[start - 1] = before.of.lr(before.length - 1)
        points[start] = piece.first
        start, before = start + (piece.length or 0), piece
        points[start] = piece.of.lr(piece.length or 0)
    return [(f"PiecewiseLinear(optimizer, 'lr', {sorted(points.items())})", start)] if points else []
