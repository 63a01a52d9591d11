"""What the table is made of: a scheduler with its arguments, and the specification of its rates or why there is none.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from frameworks.schedule import Annealing, Constant, Cosine, Exponential, Polynomial, Schedule, Sequence
from frameworks.schedule.fields import MAX_RATE
from parity.pages.coverage.reasons import REASONS

ENDLESS = "rises without end; the specification up to 1e37, the highest rate that it has, and is held there"
FUNCTION = "this function; another has a specification of its own, or none"
#: The rate that the optimizer is made with, for libraries whose schedulers multiply it.
LR = 0.4


@dataclass(frozen=True)
class Row:
    """One class or function, with concrete arguments.

    call: an expression that makes it. refused: a name in REASONS, if there is no schedule. until: how
    many updates are comparable, where the scheduler has an end or the schedule is written out for some rounds only.
    rounds: then, a name in REASONS. note: what surprises.
    """

    call: str
    schedule: Schedule | None = None
    refused: str = ""
    until: int | None = None
    rounds: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if (self.schedule is None) != bool(self.refused):
            raise ValueError(f"{self.call} needs a schedule or a reason, not both")
        for reason in (self.refused, self.rounds):
            if reason and reason not in REASONS:
                raise ValueError(f"{self.call}: there is no reason {reason!r}; known: {', '.join(REASONS)}")
        if self.rounds and self.until is None:
            raise ValueError(f"{self.call}: rounds that are written out end somewhere")

    @property
    def specification(self) -> Schedule:
        """The schedule. Raises ValueError for a row without one."""
        if self.schedule is None:
            raise ValueError(f"{self.call} has no schedule: {self.refused}")
        return self.schedule

    @property
    def of(self) -> str:
        """The name of the class or function."""
        return self.call.partition("(")[0].rpartition(".")[2]


@dataclass(frozen=True)
class Library:
    """A library's rows, in the order of its documentation.

    name: as it is imported or installed. title: as it is called. how: how one asks it for its rates. bits: of the
    numbers that it computes with. bases: its names that have no rates of their own, and are no rows.
    """

    name: str
    title: str
    how: str
    source: str
    rows: tuple[Row, ...]
    bits: int = 64
    bases: tuple[str, ...] = ()


def flat(rate: float) -> Constant:
    """One rate."""
    return Constant(base_lr=rate)


def line(first: float, last: float, updates: int) -> Polynomial:
    """A straight line, held at its end."""
    return Polynomial(base_lr=first, final_lr=last, power=1, updates=updates)


def wave(first: float, last: float, updates: int) -> Cosine:
    """Half a cosine wave, held at its end."""
    return Cosine(base_lr=first, final_lr=last, updates=updates)


def bent(first: float, last: float, updates: float, shape: Literal["linear", "cosine"] = "linear", *,
         power: float = 1.0, elapsed_power: float = 1.0, elapsed: float = 0.0) -> Annealing:
    """A curve of which a power is taken, of what is left (power) or has passed (elapsed_power); held at its end."""
    return Annealing(shape=shape, base_lr=first, final_lr=last, updates=updates, power=power,
                     elapsed_power=elapsed_power, elapsed=elapsed)


def waves(rates: list[float], updates: float) -> Sequence:
    """Half waves from each rate to the next, of a length that need not be whole, for ever the last one."""
    starts = [number * updates for number in range(len(rates) - 1)]
    firsts = [math.ceil(round(start, 9)) for start in starts]
    parts = [bent(one, other, updates, "cosine", elapsed=max(first - start, 0.0))
             for one, other, first, start in zip(rates, rates[1:], firsts, starts)]
    return Sequence(parts=parts, boundaries=firsts[1:])


def growing(first: float, factor: float, updates: int) -> Exponential:
    """Up without end: as far as a specification's rates go."""
    return Exponential(base_lr=first, factor=factor, updates=updates, max_lr=MAX_RATE)


def joined(lengths: list[int], *parts: Schedule) -> Sequence:
    """Schedules one after another, all but the last for so many updates."""
    return Sequence(parts=list(parts), boundaries=list(accumulate(lengths)))
