"""Splits a schedule into pieces that follow each other: constant rates, curves, and schedules without an end."""

from __future__ import annotations

from dataclasses import dataclass

from frameworks.schedule import (
    Annealing,
    Constant,
    Cosine,
    Exponential,
    Factor,
    Hold,
    InverseSquareRoot,
    InverseTime,
    MultiFactor,
    Polynomial,
    PowerLaw,
    Repeat,
    Schedule,
    Sequence,
    Shift,
    Warmup,
    expand,
)

#: Curves that reach `final_lr` after `updates` updates.
Curve = Polynomial | Cosine | Annealing


@dataclass(frozen=True)
class Piece:
    """A part of a schedule.

    of: a schedule without parts, whose clock is 0 at the first update of the piece. length: number of updates (None: to
    the end). A curve has a length of at most its `updates`; after it comes a piece with a constant rate.
    """

    of: Schedule
    length: int | None = None

    @property
    def first(self) -> float:
        """The rate of the first update."""
        return self.of.lr(0)


def split(schedule: Schedule, length: int | None = None) -> list[Piece]:
    """Return the pieces of the first `length` updates of a schedule (default: None, of all).

    Neighbours with the same constant rate are one piece. The rates are equal, except for rounding in float64.
    """
    pieces: list[Piece] = []
    for piece in _split(expand(schedule), length):
        if pieces and isinstance(piece.of, Constant) and pieces[-1].of == piece.of:
            before = pieces.pop().length
            piece = Piece(piece.of, None if piece.length is None or before is None else before + piece.length)
        pieces.append(piece)
    return pieces


def _split(schedule: Schedule, length: int | None) -> list[Piece]:
    if isinstance(schedule, Sequence):
        starts, ends = (0, *schedule.boundaries), (*schedule.boundaries, None)
        return _cut([piece for part, start, end in zip(schedule.parts, starts, ends)
                     for piece in split(part, None if end is None else end - start)], length)
    if isinstance(schedule, Warmup):
        after = schedule.then if schedule.clock == "restart" else Shift(by=schedule.updates, of=schedule.then)
        return _cut([*_split(_read_warmup(schedule), schedule.updates), *split(after)], length)
    if isinstance(schedule, Shift):
        return _cut(_drop(split(schedule.of), schedule.by), length)
    if isinstance(schedule, Hold):
        return _cut([_hold(piece, schedule.updates) for piece in split(schedule.of)], length)
    schedule = simplify(schedule)
    if isinstance(schedule, Curve) and not (isinstance(schedule, Annealing) and (
            schedule.elapsed or schedule.updates != int(schedule.updates))):
        updates = int(schedule.updates)
        return _cut([Piece(schedule, updates), Piece(Constant(base_lr=schedule.final_lr))], length)
    return [Piece(schedule, length)]


def simplify(schedule: Schedule) -> Schedule:
    """Return a simpler kind with the same rates: a constant, a polynomial or a cosine; else the schedule unchanged."""
    if isinstance(schedule, Curve) and schedule.base_lr == schedule.final_lr:
        return Constant(base_lr=schedule.base_lr)
    if isinstance(schedule, Factor | Exponential) and (schedule.factor == 1 or not schedule.base_lr):
        return Constant(base_lr=schedule.base_lr)
    if isinstance(schedule, Annealing) and schedule.elapsed_power == 1 and not schedule.elapsed and (
            schedule.updates == int(schedule.updates)):
        first, last, updates = schedule.base_lr, schedule.final_lr, int(schedule.updates)
        if schedule.shape == "linear":
            return Polynomial(base_lr=first, final_lr=last, power=schedule.power, updates=updates)
        if schedule.shape == "cosine" and schedule.power == 1:
            return Cosine(base_lr=first, final_lr=last, updates=updates)
    return schedule


def _read_warmup(warm: Warmup) -> Schedule:
    """Return the curve of a warm-up."""
    first, last = warm.begin_lr, warm.then.lr(0) if warm.peak_lr is None else warm.peak_lr
    if warm.mode == "constant":
        return Constant(base_lr=first)
    if warm.mode == "linear":
        return Polynomial(base_lr=first, final_lr=last, power=1.0, updates=warm.updates)
    if warm.mode == "cosine":
        return Cosine(base_lr=first, final_lr=last, updates=warm.updates)
    return Annealing(shape="exponential" if warm.mode == "exponential" else "linear", base_lr=first, final_lr=last,
                     updates=float(warm.updates), elapsed_power=warm.power or 1.0)


def _cut(pieces: list[Piece], length: int | None) -> list[Piece]:
    """Return the pieces of the first `length` updates."""
    if length is None:
        return pieces
    kept = []
    for piece in pieces:
        size = length if piece.length is None else min(piece.length, length)
        kept.append(Piece(_shorten(piece.of, size), size))
        length -= size
        if not length:
            break
    return kept


def _shorten(of: Schedule, length: int) -> Schedule:
    """Return a schedule with the same first `length` rates: a shorter line, or fewer milestones."""
    if isinstance(of, Polynomial) and of.power == 1 and length < of.updates:
        return of.model_copy(update={"final_lr": of.lr(length), "updates": length})
    if isinstance(of, MultiFactor) and of.milestones[-1] >= length:
        early = tuple(step for step in of.milestones if step < length)
        return of.model_copy(update={"milestones": early}) if early else Constant(base_lr=of.base_lr)
    return of


def _drop(pieces: list[Piece], by: int) -> list[Piece]:
    """Return the pieces without their first `by` updates."""
    while pieces[0].length is not None and pieces[0].length <= by:
        by, pieces = by - pieces[0].length, pieces[1:]
    if not by:
        return pieces
    first, *rest = pieces
    return [Piece(_shift(first.of, by), None if first.length is None else first.length - by), *rest]


def _shift(of: Schedule, by: int) -> Schedule:
    """Return a schedule with the rates from update `by` on: one of the same kind where there is one."""
    rate = of.lr(by)
    if isinstance(of, Constant):
        return of
    if isinstance(of, Polynomial) and of.power == 1:
        return of.model_copy(update={"base_lr": rate, "updates": of.updates - by})
    if isinstance(of, MultiFactor):
        later = [step - by for step in of.milestones if step > by]
        return MultiFactor(base_lr=rate, factor=of.factor, milestones=later) if later else Constant(base_lr=rate)
    if isinstance(of, Factor) and by % of.every == 0 and rate > of.min_lr:
        return of.model_copy(update={"base_lr": rate})
    if isinstance(of, Exponential) and of.factor < 1:
        return of.model_copy(update={"base_lr": rate})
    if isinstance(of, InverseSquareRoot | InverseTime | PowerLaw):
        return of.model_copy(update={"base_lr": rate, "timescale": of.timescale + by})
    if isinstance(of, Repeat) and of.decay == 1 and by % of.updates == 0:
        return of
    return Shift(by=by, of=of)


def _hold(piece: Piece, updates: int) -> Piece:
    """Return a piece in which each rate is held for some updates."""
    of, length = piece.of, None if piece.length is None else piece.length * updates
    if isinstance(of, Factor):
        return Piece(of.model_copy(update={"every": of.every * updates}), length)
    if isinstance(of, MultiFactor):
        return Piece(of.model_copy(update={"milestones": tuple(step * updates for step in of.milestones)}), length)
    return Piece(of if isinstance(of, Constant) or updates == 1 else Hold(updates=updates, of=of), length)
