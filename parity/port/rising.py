"""What is multiplied by a number above 1 again and again: it passes every bound, and is followed up to one."""

from __future__ import annotations

from frameworks.schedule import Exponential, Hold, Schedule
from frameworks.schedule.fields import MAX_RATE
from parity.port.read.arguments import Context


def rising(c: Context, name: str, base: float, factor: float, updates: int, *, steps: bool = False) -> Schedule:
    """A factor above 1 over so many updates: a part of it at each, or, with steps, all of it at the last."""
    grown = Exponential(base_lr=base, factor=factor, updates=1 if steps else updates, max_lr=max(MAX_RATE, base))
    schedule = Hold(updates=updates, of=grown) if steps and updates > 1 else grown
    if schedule.horizon:
        c.traps.append(f"{name} rises without end: the specification follows it for {schedule.horizon:,} updates, up "
                       f"to {MAX_RATE:g}, and is held after them.")
        c.followed.append(schedule.horizon)
    return schedule
