"""Defines the rows of the table: a scheduler with its arguments, and its specification or why it is not expressible.

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

ENDLESS = "increases without end; the specification stops at 1e37, its highest rate, and stays there"
FUNCTION = "for this function only"
#: The initial rate of the optimizer, for libraries whose schedulers multiply it.
LR = 0.4


@dataclass(frozen=True)
class Row:
    """One class or function, with concrete arguments.

    call: the expression that constructs the scheduler.
    schedule: its specification; None: not expressible.
    refused: why it has no schedule, a name in REASONS; "": it has a schedule.
    until: updates to compare, if the scheduler has an end or the schedule covers some cycles only; None: no limit.
    rounds: why the schedule covers some cycles only, a name in REASONS; "" if it covers all.
    note: a remark about unexpected behaviour, printed on the page.
    """

    call: str
    schedule: Schedule | None = None
    refused: str = ""
    until: int | None = None
    rounds: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if (self.schedule is None) != bool(self.refused):
            raise ValueError(f"{self.call} needs either a schedule or a reason")
        for reason in (self.refused, self.rounds):
            if reason and reason not in REASONS:
                raise ValueError(f"{self.call}: unknown reason {reason!r}, expected one of: {', '.join(REASONS)}")
        if self.rounds and self.until is None:
            raise ValueError(f"{self.call}: a schedule for some cycles only needs `until`")

    @property
    def specification(self) -> Schedule:
        """The schedule. Raises ValueError if the row has no schedule."""
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

    name: its name in `import` or `pip install`.
    title: its name on the page.
    how: how its rates are obtained, a phrase printed on the page.
    source: the address of its documentation.
    rows: its schedulers.
    bits: precision of its arithmetic, 32 or 64 (default: 64).
    bases: its classes and functions without rates, which have no rows.
    """

    name: str
    title: str
    how: str
    source: str
    rows: tuple[Row, ...]
    bits: int = 64
    bases: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """The anchor of its heading in COVERAGE.md."""
        return "".join(letter for letter in self.title.lower().replace(" ", "-") if letter.isalnum() or letter == "-")


def flat(rate: float) -> Constant:
    """Return a constant rate."""
    return Constant(base_lr=rate)


def line(first: float, last: float, updates: int) -> Polynomial:
    """Return a straight line that stays at its last rate."""
    return Polynomial(base_lr=first, final_lr=last, power=1, updates=updates)


def wave(first: float, last: float, updates: int) -> Cosine:
    """Return half a period of a cosine that stays at its last rate."""
    return Cosine(base_lr=first, final_lr=last, updates=updates)


def bent(first: float, last: float, updates: float, shape: Literal["linear", "cosine"] = "linear", *,
         power: float = 1.0, elapsed_power: float = 1.0, elapsed: float = 0.0) -> Annealing:
    """Return a curve with powers of the remaining (power) and elapsed (elapsed_power) share; stays at its last rate."""
    return Annealing(shape=shape, base_lr=first, final_lr=last, updates=updates, power=power,
                     elapsed_power=elapsed_power, elapsed=elapsed)


def waves(rates: list[float], updates: float) -> Sequence:
    """Return half periods of a cosine from each rate to the next, of any length in updates; the last one stays."""
    starts = [number * updates for number in range(len(rates) - 1)]
    firsts = [math.ceil(round(start, 9)) for start in starts]
    parts = [bent(rate, following, updates, "cosine", elapsed=max(first - start, 0.0))
             for rate, following, first, start in zip(rates, rates[1:], firsts, starts)]
    return Sequence(parts=parts, boundaries=firsts[1:])


def growing(first: float, factor: float, updates: int) -> Exponential:
    """Return an increasing exponential, up to the highest rate of a specification."""
    return Exponential(base_lr=first, factor=factor, updates=updates, max_lr=MAX_RATE)


def joined(lengths: list[int], *parts: Schedule) -> Sequence:
    """Return schedules one after another. lengths: updates of each, except the last."""
    return Sequence(parts=list(parts), boundaries=list(accumulate(lengths)))
