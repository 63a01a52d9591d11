"""Finds what the classes of other libraries apply in the pieces of a schedule: a warm-up, a decay, cycles, steps."""

from __future__ import annotations

from typing import TypeGuard

from frameworks.schedule import (
    Annealing,
    Constant,
    Cosine,
    CosineRestarts,
    Factor,
    MultiFactor,
    Polynomial,
    Repeat,
    Schedule,
)
from parity.port.edges import compute_span
from parity.port.write.native.pieces import Curve, Piece, split
from parity.port.write.native.spelling import find_cosine_restarts

#: The most constant rates that are written one by one.
MAX_RATES = 100


def is_line(of: Schedule) -> TypeGuard[Polynomial]:
    """Return whether a schedule is a straight line."""
    return isinstance(of, Polynomial) and of.power == 1


def is_root(of: Schedule) -> bool:
    """Return whether a schedule is 1 minus the square root of the elapsed share."""
    return isinstance(of, Annealing) and (of.shape, of.power, of.elapsed_power) == ("linear", 1, 0.5)


def is_constant(piece: Piece, rate: float) -> bool:
    """Return whether a piece has this constant rate."""
    return piece.of == Constant(base_lr=rate)


def split_line_up(pieces: list[Piece]) -> tuple[Polynomial | None, list[Piece]]:
    """Return an increasing line that ends at the rate after it, and the pieces after it; None without such a line."""
    if len(pieces) > 1 and is_line(line := pieces[0].of) and line.base_lr < line.final_lr == pieces[1].first:
        return line, pieces[1:]
    return None, pieces


def find_decay(pieces: list[Piece]) -> Polynomial | Cosine | Curve | None:
    """Return the only curve, whose last rate is held after it; None for other pieces."""
    if len(pieces) != 2 or not isinstance(curve := pieces[0].of, Curve) or pieces[0].length != curve.updates:
        return None
    return curve if is_constant(pieces[1], curve.final_lr) else None


def find_stable_decay(pieces: list[Piece]) -> tuple[int, Polynomial | Cosine | Curve] | None:
    """Return for how many updates the rate is constant (0 or more), and the curve that follows; else None."""
    stable = 0
    if len(pieces) == 3 and isinstance(pieces[0].of, Constant) and pieces[0].length and (
            pieces[0].first == pieces[1].first):
        stable, pieces = pieces[0].length, pieces[1:]
    curve = find_decay(pieces)
    return None if curve is None else (stable, curve)


def find_restarts(of: Schedule) -> CosineRestarts | None:
    """Return cosine cycles without a warm-up; None for other schedules."""
    cycles = find_cosine_restarts(of)
    if cycles is None and isinstance(of, Repeat):
        inner = split(of.of, of.updates)
        cycles = find_cosine_restarts(of.model_copy(update={"of": inner[0].of})) if len(inner) == 1 else None
    return None if cycles is None or cycles.warmup else cycles


def find_swing(of: Schedule) -> Cosine | None:
    """Return the first half of cosines down and up again without an end; None for other schedules."""
    if not isinstance(of, Repeat) or of.decay != 1:
        return None
    curves = [piece.of for piece in split(of.of, of.updates)]
    if len(curves) != 2 or not isinstance(down := curves[0], Cosine) or 2 * down.updates != of.updates:
        return None
    return down if curves[1] == Cosine(base_lr=down.final_lr, final_lr=down.base_lr, updates=down.updates) else None


def compute_training(pieces: list[Piece]) -> int:
    """Return the updates of a training that shows all pieces: until a decay ends, or at least 50 updates longer."""
    start, last = sum(piece.length or 0 for piece in pieces), pieces[-1].of
    return start if _has_decayed(pieces) else start + max(compute_span(last) + 1, start, 50)


def _has_decayed(pieces: list[Piece]) -> bool:
    """Return whether the last piece holds the rate at which the one before it ends, which is not a line up."""
    if len(pieces) < 2 or isinstance(pieces[-2].of, Constant) or split_line_up(pieces[-2:])[0]:
        return False
    return is_constant(pieces[-1], pieces[-2].of.lr(pieces[-2].length or 0))


def find_triangle(of: Schedule) -> tuple[float, float, int] | None:
    """Return the rates and the length of a line up or down that is followed by the same line back, in each cycle."""
    if not isinstance(of, Repeat) or of.decay != 1:
        return None
    lines = [piece.of for piece in split(of.of, of.updates)]
    if len(lines) != 2 or not is_line(first := lines[0]) or 2 * first.updates != of.updates:
        return None
    back = first.model_copy(update={"base_lr": first.final_lr, "final_lr": first.base_lr})
    return (first.base_lr, first.final_lr, first.updates) if lines[1] == back else None


def split_drops(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces with constant rates in place of drops, unless these are too many or have no end."""
    result: list[Piece] = []
    for piece in pieces:
        of, changes = piece.of, _list_changes(piece)
        if changes is None or isinstance(of, Constant) or len(changes) > MAX_RATES:
            result.append(piece)
            continue
        ends = [*changes[1:], piece.length]
        result += [Piece(Constant(base_lr=of.lr(start)), None if end is None else end - start)
                   for start, end in zip(changes, ends)]
    return result


def list_rates(pieces: list[Piece]) -> tuple[list[int], list[float]] | None:
    """Return the update at which each constant rate after the first one begins, and all rates.

    None if another piece is among them, or too many rates.
    """
    starts, rates, start = [], [], 0
    for piece in pieces:
        changes = _list_changes(piece)
        if changes is None or len(starts) + len(changes) > MAX_RATES:
            return None
        starts += [start + change for change in changes]
        rates += [piece.of.lr(change) for change in changes]
        start += piece.length or 0
    return starts[1:], rates


def _list_changes(piece: Piece) -> list[int] | None:
    of, length = piece.of, piece.length
    if isinstance(of, Constant):
        return [0]
    if isinstance(of, MultiFactor):
        return [0, *of.milestones]
    if not isinstance(of, Factor) or (length is None and not of.min_lr):
        return None
    end = of.horizon + 1 if length is None else length
    return list(range(0, end, of.every)) if end <= MAX_RATES * of.every else None
