"""Finds the boundary cases of a schedule: the updates around each change, where mistakes show first."""

from __future__ import annotations

import math

import numpy as np

from frameworks.schedule import (
    CosineRestarts,
    Exponential,
    Factor,
    Hold,
    InverseSquareRoot,
    InverseTime,
    Maximum,
    Minimum,
    MultiFactor,
    PolynomialCycle,
    PowerLaw,
    Repeat,
    Schedule,
    Sequence,
    Shift,
    Warmup,
    expand,
    lrs,
)
from frameworks.schedule.fields import MAX_COUNT

#: The most boundary cases that are listed.
MOST = 24
#: Crossings of schedules are searched up to this update only.
MOST_SEARCHED = 100_000
#: The most rates that are computed for this.
MOST_RATES = 1_000_000
#: Kinds without an end, unless an exponential reaches its highest rate.
ENDLESS = Exponential | InverseSquareRoot | InverseTime | PowerLaw


def find_turns(schedule: Schedule) -> list[int]:
    """Return the updates at which something begins or ends: warm-ups, milestones, parts, horizons."""
    schedule = expand(schedule)
    if isinstance(schedule, Shift):
        updates = [t - schedule.by for t in find_turns(schedule.of)]
    elif isinstance(schedule, Hold):
        updates = [t * schedule.updates for t in find_turns(schedule.of)]
    elif isinstance(schedule, Warmup):
        start = schedule.updates if schedule.clock == "restart" else 0
        updates = [schedule.updates, *(start + t for t in find_turns(schedule.then) if start + t >= schedule.updates)]
    elif isinstance(schedule, Sequence):
        starts, ends = (0, *schedule.boundaries), (*schedule.boundaries, float("inf"))
        updates = [*schedule.boundaries, *(start + t for part, start, end in zip(schedule.parts, starts, ends)
                                           for t in find_turns(part) if start + t < end)]
    elif isinstance(schedule, MultiFactor):
        updates = list(schedule.milestones)
    elif isinstance(schedule, Factor):
        updates = [schedule.every, schedule.horizon]
    elif isinstance(schedule, ENDLESS):
        updates = [_scale(schedule), schedule.horizon]
    elif isinstance(schedule, CosineRestarts):
        starts = (0, schedule.updates, schedule.updates * (1 + schedule.growth))
        updates = [start + by for start in starts for by in {0, schedule.warmup}]
    elif isinstance(schedule, PolynomialCycle):
        updates = [times * schedule.updates + by for times in (1, 2) for by in (0, 1)]
    elif isinstance(schedule, Repeat):
        updates = [*(t for t in find_turns(schedule.of) if t < schedule.updates), schedule.updates]
    else:
        inner = [*schedule.inner()]
        updates = [t for part in inner for t in find_turns(part)] if inner else [schedule.horizon]
        updates += _find_crossings(schedule) if isinstance(schedule, Minimum | Maximum) else []
    return sorted({t for t in updates if t > 0})


def _find_crossings(schedule: Minimum | Maximum) -> list[int]:
    """Return the updates at which another schedule becomes the smallest, or largest, up to MOST_SEARCHED.

    Many schedules are searched up to an earlier update: at most MOST_RATES rates are computed.
    """
    updates = min(compute_span(schedule), MOST_SEARCHED, MOST_RATES // schedule.size) + 1
    is_better = np.less if isinstance(schedule, Minimum) else np.greater
    best, which = lrs(schedule.of[0], updates), np.zeros(updates, np.int32)
    for number, part in enumerate(schedule.of[1:], 1):
        rates = lrs(part, updates)
        better = is_better(rates, best)
        best[better], which[better] = rates[better], number
    return (np.flatnonzero(which[1:] != which[:-1]) + 1).tolist()


def _scale(schedule: Exponential | InverseSquareRoot | InverseTime | PowerLaw) -> int:
    """Return the number of updates after which a schedule without an end has changed noticeably."""
    return schedule.updates if isinstance(schedule, Exponential) else math.ceil(min(schedule.timescale, 2**53))


def compute_span(schedule: Schedule) -> int:
    """Return how many updates show a schedule: its horizon, or two cycles, two time scales or four drops.

    >>> from frameworks.schedule import Cosine
    >>> compute_span(Cosine(base_lr=0.3, updates=20)), compute_span(Exponential(base_lr=0.3, factor=0.9, updates=1000))
    (20, 2000)
    """
    schedule = expand(schedule)
    if isinstance(schedule, ENDLESS):
        return schedule.horizon or 2 * _scale(schedule)
    if isinstance(schedule, Factor):
        return schedule.horizon if schedule.min_lr or not schedule.horizon else 4 * schedule.every
    if isinstance(schedule, Repeat):
        return 2 * schedule.updates
    if isinstance(schedule, CosineRestarts):
        return schedule.updates * (1 + schedule.growth)
    if isinstance(schedule, Sequence):
        return (0, *schedule.boundaries)[-1] + max(schedule.parts[-1].horizon, compute_span(schedule.parts[-1]))
    inner = max((compute_span(part) for part in schedule.inner()), default=0)
    if isinstance(schedule, Hold):
        inner *= schedule.updates
    elif isinstance(schedule, Warmup):
        inner += schedule.updates
    return max(schedule.horizon, inner)


def find_boundary_cases(schedule: Schedule) -> list[int]:
    """Return 0, 1, the updates before, at and after each turn, and twice the last one.

    >>> from frameworks.schedule import Cosine, Warmup
    >>> find_boundary_cases(Warmup(updates=5, then=Cosine(base_lr=0.3, updates=15)))
    [0, 1, 4, 5, 6, 19, 20, 21, 40]
    """
    changes = find_turns(schedule)
    if len(changes) > MOST // 3:
        changes = [*changes[:MOST // 6], *changes[-MOST // 6:]]
    last = changes[-1:] or [1]
    shown = {0, 1, 2 * last[0], *(t + by for t in changes for by in (-1, 0, 1))}
    return sorted(t for t in shown if t <= MAX_COUNT)
