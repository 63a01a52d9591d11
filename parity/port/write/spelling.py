"""What a native spelling is, and what most of them look for in a schedule."""

from __future__ import annotations

from dataclasses import dataclass

from frameworks.schedule import Hold, Schedule, Warmup


@dataclass(frozen=True)
class Native:
    """Code, and what about it is off in a sentence ("" if nothing is known to be)."""

    code: str
    note: str = ""


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
