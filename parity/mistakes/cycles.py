"""Mistakes that are made with lines that are stretched at their ends."""

from __future__ import annotations

from frameworks.schedule import Polynomial, Repeat, Sequence, Shift

#: By name, what mistakes.schedules.Broken has: the case, where it shows, what it imitates, the link, what it changes.
CYCLE_MISTAKES = {
    "cycle_held": (
        "cycle_of_seven", 8, "a line that ends, for one that is stretched", "",
        lambda s: Polynomial(base_lr=s.base_lr, final_lr=s.final_lr, power=s.power, updates=s.updates)),
    "cycle_as_long_again": (
        "cycle_of_seven", 8, "a round of its own, for a longer line from the beginning", "",
        lambda s: Sequence(parts=[s, Repeat(updates=s.updates, of=Shift(by=1, of=Polynomial(
            base_lr=s.base_lr, final_lr=s.final_lr, power=s.power, updates=s.updates)))], boundaries=[s.updates + 1])),
    "cycle_one_early": (
        "cycle_of_seven", 7, "floor(t / T) + 1 for the ceiling: the end is never reached", "",
        lambda s: Sequence(parts=[s, Shift(by=s.updates + 1, of=s)], boundaries=[s.updates])),
}
