"""Defines mistakes of rounding: rates are a few ULP off. `explain` recognizes them by their size only."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from frameworks.schedule import (
    Annealing,
    Constant,
    Cosine,
    CosineRestarts,
    Exponential,
    Factor,
    Hold,
    InverseSquareRoot,
    InverseTime,
    MultiFactor,
    Polynomial,
    PolynomialCycle,
    PowerLaw,
    Repeat,
    Scale,
    Schedule,
    Warmup,
)
from parity.mistakes.nested import join, shift, wrap
from parity.mistakes.record import KERAS, About, Changed, Mistake, mistake

MISTAKES: list[Mistake] = []
#: The update whose rate alone is one ULP off.
ONCE = 17
_SENTENCE = "{this} and {that} differ by a few ULP"


class _Float32(float):
    """A number whose sums and products are rounded to float32."""

    def __add__(self, other: Any) -> Any:
        return _round_to_float32(np.float32(self) + np.float32(other))

    def __sub__(self, other: Any) -> Any:
        return _round_to_float32(np.float32(self) - np.float32(other))

    def __mul__(self, other: Any) -> Any:
        return _round_to_float32(np.float32(self) * np.float32(other))

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> Any:
        return _round_to_float32(np.float32(other) - np.float32(self))


def _round_to_float32(number: Any) -> Any:
    rounded = np.float32(number)  # an array if number is one
    return rounded.astype(np.float64) if rounded.ndim else _Float32(rounded)


@mistake("float32 rounding", "precision",
         "the formula is computed in float32: many rates are a few ULP off; compute in float64 and round once",
         f"{KERAS}/cosine_decay/",
         searched=False, read=("README.md", "it computes"))
def _in_float32(s: (Cosine | Polynomial | PolynomialCycle | Annealing | Exponential | InverseSquareRoot | InverseTime
                    | PowerLaw | CosineRestarts | Warmup), about: About) -> Changed:
    rates = {name: _round_to_float32(rate) for name in type(s).model_fields
             if name.endswith("_lr") and (rate := getattr(s, name)) is not None}
    yield wrap(s.model_copy(update=rates), lambda of, t: float(of._compute_at(t))), _SENTENCE


@mistake("drifts by multiplication", "precision",
         "the rate is multiplied step by step in float32: the error grows with each drop; compute factor^n in float64",
         searched=False)
def _drifts(s: Factor | MultiFactor, about: About) -> Changed:
    yield wrap(s, _step_by_step), _SENTENCE


def _step_by_step(s: Factor | MultiFactor, t: int) -> float:
    rate, before = np.float32(s.base_lr), s._compute_at(0)
    times = s.milestones if isinstance(s, MultiFactor) else range(s.every, min(t, 1000 * s.every) + 1, s.every)
    for drop in times:
        if drop <= t and (now := s._compute_at(drop)) != before:
            rate, before = max(rate * np.float32(s.factor), np.float32(getattr(s, "min_lr", 0.0))), now
    return float(rate)


@mistake("rounded twice", "precision",
         "a factor multiplies a rate that is rounded already: rates are 1 ULP off; multiply in float64, then round",
         searched=False)
def _twice(s: Scale, about: About) -> Changed:
    yield wrap(s, lambda of, t: float(np.float32(of.by) * np.float32(of.of._compute_at(t)))), _SENTENCE


@mistake("remainder by reciprocal", "precision",
         "t / n is computed as t * (1 / n), and floor(49 * (1 / 49)) is 0: some changes come one update late; use t // "
         "n",
         searched=False)
def _by_reciprocal(s: Hold | Repeat | Factor, about: About) -> Changed:
    yield wrap(s, _inverse), "{this} multiplies by the inverse of a length, {that} divides by it"


def _inverse(s: Hold | Repeat | Factor, t: int) -> float:
    length = s.every if isinstance(s, Factor) else s.updates
    done = math.floor(t * (1 / length))
    if isinstance(s, Repeat):
        return s._compute_at(done * length + min(max(t - done * length, 0), length - 1))
    return s._compute_at(done * length)


@mistake("round by reciprocal", "precision",
         "ceil(t / T) is computed with the inverse of T: it is one too high at some multiples of T; divide by T",
         searched=False)
def _ceiling(s: PolynomialCycle, about: About) -> Changed:
    yield wrap(s, _stretched), "{this} multiplies by the inverse of a length, {that} divides by it"


def _stretched(s: PolynomialCycle, t: int) -> float:
    line = s.updates * max(1, math.ceil(t * (1 / s.updates)))
    return Polynomial.model_construct(
        base_lr=s.base_lr, final_lr=s.final_lr, power=s.power, updates=line)._compute_at(t)


@mistake("one ULP more", "precision",
         "the float32 rate is rounded up: it is 1 ULP too high; round to nearest", searched=False)
def _more(s: Constant, about: About) -> Changed:
    yield _build_one_more(s.base_lr), _SENTENCE


@mistake("one ULP more once", "precision",
         "a sum is computed in another order: one rate is off by its last bit; keep the order of operations",
         searched=False)
def _more_once(s: Schedule, about: About) -> Changed:
    yield join([s, _build_one_more(s.lr(ONCE)), shift(ONCE + 1, s)], [ONCE, ONCE + 1]), _SENTENCE


def _build_one_more(rate: float) -> Constant:
    return Constant(base_lr=float(np.nextafter(np.float32(rate), np.float32(1))))
