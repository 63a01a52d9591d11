"""What a spelling is, and what most native ones look for in a schedule."""

from __future__ import annotations

from dataclasses import dataclass

from frameworks.schedule import Cosine, CosineRestarts, Exponential, Hold, Repeat, Schedule, Shift, Warmup
from frameworks.schedule.fields import MAX_RATE

#: What is off about a class that goes on rising.
UNBOUNDED = "It has no highest rate."


@dataclass(frozen=True)
class Spelling:
    """Code, what about it is off in a sentence ("" if nothing is known to be), and whether it is the native one."""

    code: str
    note: str = ""
    native: bool = True


def unheld(schedule: Schedule) -> tuple[Schedule, int]:
    """Return what is held, and for how many updates: 1 if nothing is."""
    updates = 1
    while isinstance(schedule, Hold):
        schedule, updates = schedule.of, updates * schedule.updates
    return schedule, updates


def warmed(schedule: Schedule) -> tuple[Warmup | None, Schedule]:
    """Return a warm-up from its first update to the rate that follows it, and what follows; None without one."""
    if isinstance(schedule, Warmup) and schedule.clock == "restart" and schedule.peak_lr in (None, schedule.then.lr(0)):
        return schedule, schedule.then
    return None, schedule


def unshifted(schedule: Schedule) -> tuple[Schedule, bool]:
    """Return what a shift by 1 shifts, and True; any other schedule as it is, and False."""
    if isinstance(schedule, Shift) and schedule.by == 1:
        return schedule.of, True
    return schedule, False


def unbounded(schedule: Exponential) -> bool:
    """Whether it falls, or rises as far as a specification's rates go: the classes stop at no rate below."""
    return schedule.factor <= 1 or schedule.max_lr is None or schedule.max_lr >= MAX_RATE


def rising_steps(schedule: Schedule) -> tuple[Exponential, int] | None:
    """Return a rising exponential that is held, and for how long each time."""
    inner, updates = unheld(schedule)
    if not isinstance(inner, Exponential) or updates == 1:
        return None
    return (inner, updates) if inner.updates == 1 and inner.factor > 1 and unbounded(inner) else None


def in_rounds(schedule: Schedule) -> CosineRestarts | None:
    """Return the waves that a schedule consists of, if it does: a repeat of one wave is some too."""
    if isinstance(schedule, CosineRestarts):
        return schedule
    if not isinstance(schedule, Repeat):
        return None
    of = schedule.of
    if isinstance(of, Cosine) and of.updates == schedule.updates and (
            schedule.decay == 1 or schedule.min_lr == of.final_lr):
        return CosineRestarts(base_lr=of.base_lr, final_lr=of.final_lr, updates=of.updates, decay=schedule.decay)
    return None
