"""Builds the parts of which other libraries' schedulers consist: constant rates, lines, cosines, sequences."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any, Literal

from frameworks.schedule import (
    Annealing,
    Constant,
    Cosine,
    CosineRestarts,
    Exponential,
    Polynomial,
    Repeat,
    Schedule,
    Sequence,
    Warmup,
)
from frameworks.schedule.fields import MAX_RATE
from parity.port.read.arguments import check_positive, check_whole
from parity.port.read.literal import PortError


def build_constant(rate: float) -> Constant:
    """Return a constant rate."""
    return Constant(base_lr=rate)


def build_line(first: float, last: float, updates: int) -> Polynomial:
    """Return a straight line that stays at its last rate."""
    return Polynomial(base_lr=first, final_lr=last, power=1, updates=updates)


def build_half_cosine(first: float, last: float, updates: int) -> Cosine:
    """Return half a period of a cosine that stays at its last rate."""
    return Cosine(base_lr=first, final_lr=last, updates=updates)


def build_annealing(first: float, last: float, updates: float,
                    shape: Literal["linear", "cosine", "exponential"] = "linear", *,
                    power: float = 1.0, elapsed_power: float = 1.0, elapsed: float = 0.0) -> Annealing:
    """Return a curve with powers of the remaining (power) and elapsed (elapsed_power) share; stays at its last rate."""
    return Annealing(shape=shape, base_lr=first, final_lr=last, updates=updates, power=power,
                     elapsed_power=elapsed_power, elapsed=elapsed)


def build_half_cosines(rates: list[float], updates: float) -> Sequence:
    """Return half periods of a cosine from each rate to the next, of any length in updates; the last one stays."""
    starts = [number * updates for number in range(len(rates) - 1)]
    firsts = [math.ceil(round(start, 9)) for start in starts]
    parts = [build_annealing(rate, following, updates, "cosine", elapsed=max(first - start, 0.0))
             for rate, following, first, start in zip(rates, rates[1:], firsts, starts)]
    return Sequence(parts=parts, boundaries=firsts[1:])


def build_increase(first: float, factor: float, updates: int) -> Exponential:
    """Return an increasing exponential, up to the highest rate of a specification."""
    return Exponential(base_lr=first, factor=factor, updates=updates, max_lr=MAX_RATE)


def join(lengths: list[int], *parts: Schedule) -> Sequence:
    """Return schedules one after another. lengths: updates of each, except the last."""
    return Sequence(parts=list(parts), boundaries=list(itertools.accumulate(lengths)))


def add_warmup(name: str, updates: Any, then: Schedule, begin_lr: float = 0.0) -> Schedule:
    """Return a line up to a schedule; the schedule alone for 0 updates. name: the argument, for messages."""
    count = check_whole(name, updates, floats=True)
    return Warmup(updates=count, begin_lr=begin_lr, then=then) if count else then


def build_swing(base: float, low: float, updates: int, cycles: Any) -> Schedule:
    """Return cosines down and up again, without end: `cycles` of them in `updates`. Raises PortError."""
    period = Fraction(updates) / Fraction(str(check_positive("num_cycles", cycles)))
    half, many = period / 2, period.denominator
    if half.denominator == 1:
        count = int(half)
        return Repeat(updates=2 * count,
                      of=join([count], build_half_cosine(base, low, count), build_half_cosine(low, base, count)))
    if many > 100:
        raise PortError(f"num_cycles must divide the {updates} updates into cycles of which at most 100 are a whole "
                        f"number of updates, got {cycles!r}")
    return Repeat(updates=int(period * many), of=build_half_cosines([base, *[low, base] * many], float(half)))


def build_restarts(base: float, low: float, updates: int, growth: int) -> Schedule:
    """Return cosines down that begin again, each `growth` times as long as the one before."""
    if growth == 1:
        return Repeat(updates=updates, of=build_half_cosine(base, low, updates))
    return CosineRestarts(base_lr=base, final_lr=low, updates=updates, growth=growth)


def compute_lengths(ends: list[int]) -> list[int]:
    """Return the lengths of parts that end at these updates, from the first one on."""
    return [end - start for start, end in itertools.pairwise([0, *ends])]
