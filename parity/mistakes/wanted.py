"""Discards early the changed schedules that cannot explain a difference: a mistake must explain every differing rate.

For a few of these updates, `Wanted` has the bounds that the rate of a changed schedule must have: B's rate, widened for
rounding. The bounds are passed on to the schedules inside. So parts of a sequence that do not decide these updates are
skipped, and a changed member of a sum is refused without adding ten thousand others. All rates of the schedules that
remain are compared afterwards.
"""

from __future__ import annotations

import math
import operator
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from frameworks.schedule import (
    Clamp,
    Hold,
    Maximum,
    Minimum,
    Product,
    Scale,
    Schedule,
    Sequence,
    Shift,
    Sum,
    Warmup,
)
from parity.mistakes.nested import Place, iterate_places

#: For some updates, the lowest and the highest accepted rate. Empty: every change is accepted.
Wanted = tuple[tuple[int, float, float], ...]
#: The relative error of float32, and of sums of thousands of members.
ROUNDING, SUMMING = 6.1e-8, 1e-11
SMALLEST = 1e-44

_COMBINE: dict[type, Callable[[float, float], float]] = {
    Sum: operator.add, Product: operator.mul, Minimum: min, Maximum: max}


@dataclass
class Search:
    """Counts down the hypotheses that may still be tried.

    left: how many.
    """

    left: int

    def has_tries(self, cost: int = 1) -> bool:
        """Subtract the cost of a hypothesis and return whether it may be tried."""
        self.left -= cost
        return self.left >= 0


def is_within_bounds(changed: Schedule, wanted: Wanted) -> bool:
    """Return whether all rates of a changed schedule are within the bounds."""
    return all(lowest <= changed._compute_at(t) <= highest for t, lowest, highest in wanted)


def find_deciding(schedule: Schedule, wanted: Wanted) -> Iterator[tuple[Place, Schedule, Wanted]]:
    """Yield the schedules directly inside one that decide all the wanted updates: place, schedule, bounds."""
    if isinstance(schedule, Sequence) and wanted:
        numbers = {bisect_right(schedule.boundaries, t) for t, _, _ in wanted}
        if len(numbers) == 1:
            (number,) = numbers
            start = schedule.boundaries[number - 1] if number else 0
            yield ("parts", number), schedule.parts[number], tuple(
                (t - start, lowest, highest) for t, lowest, highest in wanted)
        return
    if isinstance(schedule, Sum | Product | Minimum | Maximum) and wanted:
        yield from _iterate_members(schedule, wanted)
        return
    for place, inner in iterate_places(schedule):
        if (inside := _compute_inner_bounds(schedule, wanted)) is not None:
            yield place, inner, inside


def find_nearby(updates: tuple[int, ...], wanted: Wanted) -> Iterator[int]:
    """Yield the indices of the milestones or boundaries whose move by one update can change all wanted rates."""
    if not wanted:
        yield from range(len(updates))
        return
    t = wanted[0][0]
    passed = bisect_right(updates, t)
    for index in (passed - 1, passed):
        if 0 <= index < len(updates):
            end = updates[index + 1] if index + 1 < len(updates) else math.inf
            if all(updates[index] - 1 <= t <= end for t, _, _ in wanted):
                yield index


def _compute_inner_bounds(schedule: Schedule, wanted: Wanted) -> Wanted | None:
    """Return bounds for the schedule inside another: empty for other kinds, None if it cannot change these rates."""
    bounds = []
    for t, lowest, highest in wanted:
        if isinstance(schedule, Shift):
            t += schedule.by
        elif isinstance(schedule, Hold):
            t //= schedule.updates
        elif isinstance(schedule, Warmup):
            if t < schedule.updates:
                if schedule.peak_lr is not None or schedule.mode == "constant":
                    return None
                continue
            t -= schedule.updates if schedule.clock == "restart" else 0
        elif isinstance(schedule, Scale):
            if not schedule.by:
                return None
            lowest, highest = _widen(lowest / schedule.by, highest / schedule.by)
        elif isinstance(schedule, Clamp):
            lowest = -math.inf if lowest <= schedule.min_lr else lowest
            highest = math.inf if highest >= schedule.max_lr else highest
        else:
            continue
        bounds.append((t, lowest, highest))
    return tuple(bounds)


def _iterate_members(schedule: Sum | Product | Minimum | Maximum,
                     wanted: Wanted) -> Iterator[tuple[Place, Schedule, Wanted]]:
    combine = _COMBINE[type(schedule)]
    others = []
    for t, _, _ in wanted:
        rates = [member._compute_at(t) for member in schedule.of]
        before = [None, *accumulate(rates, combine)]
        after = [None, *accumulate(reversed(rates), combine)][::-1]
        others.append([first if last is None else last if first is None else combine(first, last)
                       for first, last in zip(before, after[1:])])
    for index, (inner, *rates) in enumerate(zip(schedule.of, *others)):
        inside = []
        for (t, lowest, highest), other in zip(wanted, rates):
            limits = (lowest, highest) if other is None else _compute_member_bounds(schedule, lowest, highest, other)
            if limits is None:
                break
            inside.append((t, *limits))
        else:
            yield ("of", index), inner, tuple(inside)


def _compute_member_bounds(schedule: Schedule, lowest: float, highest: float,
                           others: float) -> tuple[float, float] | None:
    """Return the bounds of one member's rate, from the combined rate of the others; None if it makes no difference."""
    if isinstance(schedule, Sum):
        off = SUMMING * (others + highest)
        return lowest - others - off, highest - others + off
    if isinstance(schedule, Product):
        if not others:
            return None
        return _widen(lowest / others, highest / others) if math.isfinite(others) else (-math.inf, math.inf)
    if isinstance(schedule, Minimum):
        return None if others < lowest else (lowest, math.inf if others <= highest else highest)
    return None if others > highest else (-math.inf if others >= lowest else lowest, highest)


def _widen(lowest: float, highest: float) -> tuple[float, float]:
    return lowest * (1 - SUMMING) if lowest > 0 else lowest, highest * (1 + SUMMING)
