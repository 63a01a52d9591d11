"""Finds schedules with another length, end or curve, from the first update on or from a resume on.

Each candidate is computed from one rate of B: the length by halving an interval, the end from a line through two ends.
It must give each compared rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from frameworks.schedule import Annealing, Cosine, Polynomial, Schedule, Warmup, lrs
from parity.mistakes import trainings
from parity.mistakes.nested import change_inner, constant, iterate_places, join, replace_at, shift
from parity.mistakes.search.causes import Cause
from parity.mistakes.search.pair import Pair

Curve = Cosine | Polynomial | Annealing
#: No length is tried beyond this, and no more curves or warm-ups than this are tried.
MAX_LENGTH, MAX_PLACES = 1 << 40, 16
#: The names of curves, and the exponent of the remaining time; None: a cosine.
SHAPES = {"a line": 1.0, "a cosine": None, "a parabola": 2.0, "a cubic": 3.0, "a root": 0.5, "a power of 0.9": 0.9}


@dataclass(frozen=True)
class Part:
    """A schedule inside another.

    part: the inner schedule.
    rebuild: a function that returns the whole with another schedule in its place.
    """

    part: Any
    rebuild: Callable[[Schedule], Schedule]


def find_changes(pair: Pair) -> Iterator[Cause]:
    """Yield each change of a length, an end or a curve of A that gives each rate of B."""
    whole = pair.a.expanded
    parts = [part for _, part in zip(range(MAX_PLACES), iterate_parts(whole))]
    for changed, name, sentence in _iterate_changes(pair, whole, parts):
        where = _find_begin(pair, changed)
        if where is not None:
            yield Cause(name, sentence + (f", from update {where} on" if where else ""))


def iterate_parts(whole: Schedule) -> Iterator[Part]:
    """Yield each curve and warm-up anywhere inside a schedule."""
    if isinstance(whole, Curve | Warmup):
        yield Part(whole, lambda other: other)
    for place, inner in iterate_places(whole):
        for part in iterate_parts(inner):
            yield Part(part.part, lambda other, place=place, part=part: replace_at(whole, place, part.rebuild(other)))


def _find_begin(pair: Pair, changed: Schedule) -> int | None:
    """Return from which update on B has the rates of a changed schedule: 0, or the first that differs; None if not."""
    some = pair.differing[[0, len(pair.differing) // 2, -1]]
    rates = np.array([changed.lr(int(t)) for t in some], np.float32)
    if not pair.is_equal(rates, pair.rates_b[some]).all() or len(np.unique(pair.rates_b[pair.differing])) < 2:
        return None
    first, predicted = int(pair.differing[0]), lrs(changed, pair.updates).astype(np.float32)
    if pair.is_explained_by(predicted):
        return 0
    predicted = np.concatenate((pair.rates_a[:first], predicted[first:]))
    return first if pair.is_explained_by(predicted) else None


def _iterate_changes(pair: Pair, whole: Schedule, parts: list[Part]) -> Iterator[tuple[Schedule, str, str]]:
    for part in parts:
        for changed, sentence in _change_length(pair, part):
            yield part.rebuild(changed), trainings.LENGTH.name, sentence
        if isinstance(part.part, Curve):
            for changed in _change_end(pair, part):
                yield part.rebuild(changed), trainings.END.name, (
                    f"the {changed.kind} ends at {part.part.final_lr:g} in {{that}}, "
                    f"at {changed.final_lr:g} in {{this}}")
        elif part.part.mode == "linear":
            for changed in _warm_between(part.part):
                updates = part.part.updates
                yield part.rebuild(changed), trainings.BETWEEN.name, (
                    f"{{this}} warms up by (t + 1) / {updates + 1}, {{that}} by t / {updates}")
    for word, power in SHAPES.items():
        reshaped = _reshape(whole, power)
        yield reshaped, trainings.CURVE.name, f"{{this}} follows {word}, {{that}} does not"
        for _, part in zip(range(MAX_PLACES), iterate_parts(reshaped)):
            for changed in _change_end(pair, part) if isinstance(part.part, Curve) else ():
                yield part.rebuild(changed), trainings.CURVE.name, (
                    f"{{this}} follows {word} that ends at {changed.final_lr:g}, {{that}} does not")


def _change_length(pair: Pair, part: Part) -> Iterator[tuple[Schedule, str]]:
    """Yield a part with the length that gives one of B's rates; for a warm-up also with a curve after it."""
    old, kind = part.part.updates, part.part.kind
    for length in _solve_length(pair, part):
        changed = part.part.model_copy(update={"updates": length})
        yield changed, f"the {kind} of {old:.15g} updates in {{that}} takes {length} in {{this}}"
        if isinstance(changed, Warmup) and isinstance(changed.then, Curve):
            inner = Part(changed.then, lambda then, changed=changed: part.rebuild(
                changed.model_copy(update={"then": then})))
            for after in _solve_length(pair, inner):
                yield (changed.model_copy(update={"then": changed.then.model_copy(update={"updates": after})}),
                       f"the warm-up of {old} updates and the {changed.then.kind} of {changed.then.updates:.15g} in "
                       f"{{that}} take {length} and {after} in {{this}}")


def _solve_length(pair: Pair, part: Part) -> Iterator[int]:
    """Yield the whole lengths near the one at which the rate of one update is B's."""
    t = _choose_update(pair, part)
    if t is None:
        return
    wanted = float(pair.rates_b[t])

    def compute(length: int) -> float:
        return part.rebuild(part.part.model_copy(update={"updates": length})).lr(t)

    low, high = 1, MAX_LENGTH
    increases = compute(high) > compute(low)
    while low < high:
        middle = (low + high) // 2
        if (compute(middle) < wanted) == increases:
            low = middle + 1
        else:
            high = middle
    yield from (length for length in range(max(low - 1, 1), low + 2) if length != part.part.updates)


def _choose_update(pair: Pair, part: Part) -> int | None:
    """Return the update that shows a length best: the last that differs before the peak, or before the end."""
    differing = pair.differing
    if isinstance(part.part, Warmup):
        differing = differing[differing < int(np.nanargmax(pair.rates_b))]
    else:
        moving = differing[pair.rates_b[differing] != pair.rates_b[pair.compared[-1]]]
        differing = moving if len(moving) else differing
    return int(differing[-1]) if len(differing) else None


def _change_end(pair: Pair, part: Part) -> Iterator[Curve]:
    """Yield a curve with the final rate that gives B's rate of the last update that differs."""
    t, curve = int(pair.differing[-1]), part.part
    if curve.base_lr <= 0 or getattr(curve, "shape", "") == "exponential":
        return
    low, high = (part.rebuild(curve.model_copy(update={"final_lr": end})).lr(t) for end in (0.0, curve.base_lr))
    if low == high:
        return
    end = (float(pair.rates_b[t]) - low) / (high - low) * curve.base_lr
    if end < -1e-6 * curve.base_lr:
        return
    rounded = [max(float(f"{end:.{digits}g}"), 0.0) for digits in (1, 2, 3, 4, 5, 6, 7, 9, 12)]
    for rate in dict.fromkeys([0.0, *rounded] if end < 1e-6 * curve.base_lr else rounded):
        yield curve.model_copy(update={"final_lr": rate})


def _warm_between(warm: Warmup) -> Iterator[Schedule]:
    """Yield schedules that warm up by (t + 1) / (updates + 1), with each way to count the decay after it."""
    longer = warm.model_copy(update={"updates": warm.updates + 1})
    after = shift(warm.updates, warm.then) if warm.clock == "keep" else warm.then
    peak = warm.then.lr(0) if warm.peak_lr is None else warm.peak_lr
    line = shift(1, longer.model_copy(update={"peak_lr": peak, "then": constant(peak)}))
    lengths = [after]
    if isinstance(after, Curve):
        lengths += [after.model_copy(update={"updates": length})
                    for length in (after.updates + 1, after.updates - 1) if length > 0]
    for decay in lengths:
        yield join([line, decay], [warm.updates])
        yield join([line, shift(1, decay)], [warm.updates])


def _reshape(schedule: Schedule, power: float | None) -> Schedule:
    """Return a schedule whose curves all have another shape, with the same ends and lengths."""
    changed = change_inner(schedule, lambda inner: _reshape(inner, power))
    if isinstance(changed, Warmup) and changed.mode == "cosine" and power == 1:
        return changed.model_copy(update={"mode": "linear"})
    if not isinstance(changed, Curve):
        return changed
    same = changed.model_dump(include={"base_lr", "final_lr", "updates"})
    if not getattr(changed, "elapsed", 0.0) and changed.updates == int(changed.updates):
        same["updates"] = int(changed.updates)
        return Cosine.model_construct(**same) if power is None else Polynomial.model_construct(power=power, **same)
    shape = {"shape": "cosine", "power": 1.0} if power is None else {"shape": "linear", "power": power}
    return Annealing.model_construct(elapsed=getattr(changed, "elapsed", 0.0), elapsed_power=1.0, **same, **shape)
