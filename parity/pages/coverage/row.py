"""Defines the rows of the table: a scheduler with its arguments, and its specification or why it is not expressible.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

from dataclasses import dataclass

from frameworks.schedule import Schedule
from parity.pages.coverage.reasons import REASONS
from parity.port.read.curves import (
    build_annealing,
    build_constant,
    build_half_cosine,
    build_half_cosines,
    build_increase,
    build_line,
    join,
)

__all__ = ["ENDLESS", "FUNCTION", "LR", "Library", "Row", "build_annealing", "build_constant", "build_half_cosine",
           "build_half_cosines", "build_increase", "build_line", "join"]

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
    def class_name(self) -> str:
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
