"""Defines a spelling, and what most functions for built-in classes search in a schedule."""

from __future__ import annotations

from dataclasses import dataclass

from frameworks.schedule import Cosine, CosineRestarts, Exponential, Hold, Repeat, Schedule, Shift, Warmup
from frameworks.schedule.fields import MAX_RATE

#: The note of a class whose rate increases without limit.
UNBOUNDED = "It has no highest rate."


@dataclass(frozen=True)
class Spelling:
    """Code for a framework.

    code: the text. note: sentences about its differences (default: "", exact). native: whether it uses a built-in class
    (default: True).
    """

    code: str
    note: str = ""
    native: bool = True

    @property
    def label(self) -> str:
        """The words for the kind of code, for a heading."""
        return "built-in class" if self.native else "self-contained code"


def strip_holds(schedule: Schedule) -> tuple[Schedule, int]:
    """Return the schedule inside all Holds, and for how many updates each rate is held (1 without a Hold)."""
    updates = 1
    while isinstance(schedule, Hold):
        schedule, updates = schedule.of, updates * schedule.updates
    return schedule, updates


def split_warmup(schedule: Schedule) -> tuple[Warmup | None, Schedule]:
    """Return a warm-up that ends at the rate after it, and the schedule after it; None without such a warm-up."""
    if isinstance(schedule, Warmup) and schedule.clock == "restart" and schedule.peak_lr in (None, schedule.then.lr(0)):
        return schedule, schedule.then
    return None, schedule


def strip_shift(schedule: Schedule) -> tuple[Schedule, bool]:
    """Return the inner schedule of a shift by 1, and True; any other schedule unchanged, and False."""
    if isinstance(schedule, Shift) and schedule.by == 1:
        return schedule.of, True
    return schedule, False


def is_unbounded(schedule: Exponential) -> bool:
    """Return whether it decreases, or increases up to MAX_RATE: the classes have no lower limit."""
    return schedule.factor <= 1 or schedule.max_lr is None or schedule.max_lr >= MAX_RATE


def find_increasing_steps(schedule: Schedule) -> tuple[Exponential, int] | None:
    """Return an increasing exponential that is held, and for how many updates; None for any other schedule."""
    inner, updates = strip_holds(schedule)
    if not isinstance(inner, Exponential) or updates == 1:
        return None
    return (inner, updates) if inner.updates == 1 and inner.factor > 1 and is_unbounded(inner) else None


def find_cosine_restarts(schedule: Schedule) -> CosineRestarts | None:
    """Return the cosine cycles that equal a schedule, such as a Repeat of one Cosine; None for other schedules."""
    if isinstance(schedule, CosineRestarts):
        return schedule
    if not isinstance(schedule, Repeat):
        return None
    of = schedule.of
    if isinstance(of, Cosine) and of.updates == schedule.updates and (
            schedule.decay == 1 or schedule.min_lr == of.final_lr):
        return CosineRestarts(base_lr=of.base_lr, final_lr=of.final_lr, updates=of.updates, decay=schedule.decay)
    return None
