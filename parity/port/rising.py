"""Reads classes that multiply the rate by a factor above 1, up to the highest rate of a specification."""

from __future__ import annotations

from frameworks.schedule import Exponential, Hold, Schedule
from frameworks.schedule.fields import MAX_RATE
from parity.port.read.arguments import Context


def read_increase(c: Context, name: str, base: float, factor: float, updates: int, *, steps: bool = False) -> Schedule:
    """Return a schedule that multiplies `base` by `factor` every `updates` updates, up to MAX_RATE.

    name: the class, for the trap. factor: above 1. updates: 1 or more. steps: multiply at once, not smoothly (default:
    False).
    """
    smooth = Exponential(base_lr=base, factor=factor, updates=1 if steps else updates, max_lr=max(MAX_RATE, base))
    schedule = Hold(updates=updates, of=smooth) if steps and updates > 1 else smooth
    if schedule.horizon:
        c.traps.append(f"{name} increases without limit: the specification follows it for {schedule.horizon:,} "
                       f"updates, up to {MAX_RATE:g}, then holds its rate.")
        c.followed.append(schedule.horizon)
    return schedule
