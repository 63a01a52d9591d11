"""Tests how many digits an increase from nearly nothing keeps: the limits that the docstrings of the kinds state."""

from __future__ import annotations

import math

import numpy as np
import pytest

from frameworks.schedule import Annealing, Constant, Cosine, CosineRestarts, Polynomial, PolynomialCycle, Warmup

FINAL = 0.1
STARTS = (1e-30, 1e-12, 1e-10, 1e-6, 1e-3)
LENGTHS = (7, 1000, 99_991)


def cosine(base, t, n):
    """Return the formula without cancellation: 1 - cos(x) is 2 sin(x / 2)^2."""
    return base + (FINAL - base) * math.sin(math.pi * t / n / 2) ** 2


def polynomial(power):
    """Return the formula without cancellation."""
    return lambda base, t, n: base - (FINAL - base) * math.expm1(power * math.log1p(-t / n))


KINDS = {
    "cosine": (lambda base, n: Cosine(base_lr=base, final_lr=FINAL, updates=n), cosine, 4),
    "cosine_restarts": (lambda base, n: CosineRestarts(base_lr=base, final_lr=FINAL, updates=n), cosine, 4),
    "peak": (lambda base, n: CosineRestarts(base_lr=base, final_lr=FINAL, updates=n, sinks="peak"), cosine, 4),
    **{f"polynomial_{power}": (
        lambda base, n, power=power: Polynomial(base_lr=base, final_lr=FINAL, power=power, updates=n),
        polynomial(power), 4 + power) for power in (0.01, 1.0, 2.0, 50.0)},
    "polynomial_cycle": (lambda base, n: PolynomialCycle(base_lr=base, final_lr=FINAL, power=3.0, updates=n),
                         polynomial(3.0), 7),
}
WHOLE = {
    "annealing": lambda base, n: Annealing(shape="cosine", base_lr=base, final_lr=FINAL, updates=float(n)),
    "warmup": lambda base, n: Warmup(updates=n, begin_lr=base, mode="cosine", then=Constant(base_lr=FINAL)),
}


def list_updates(n):
    """Return the updates near the start, and some of the first half."""
    return sorted({*range(min(n // 2, 40)), *range(0, n // 2, max(n // 100, 1))})


@pytest.mark.parametrize("name", KINDS)
def test_an_increase_stays_within_the_stated_limit(name):
    build, formula, units = KINDS[name]
    for n in LENGTHS:
        for base in STARTS:
            schedule = build(base, n)
            for t in list_updates(n):
                exact = formula(base, t, n)
                off = abs(schedule.lr(t) - exact)
                assert off <= units * 2.0**-53 * FINAL
                if exact > units * 5e-9 * FINAL:  # as many digits as float32
                    assert off < np.spacing(np.float32(exact)) / 2


@pytest.mark.parametrize("name", KINDS)
def test_an_increase_loses_digits_below_it(name):
    """This is the counterpart: there are rates that differ from the formula in float32."""
    build, formula, _ = KINDS[name]
    t, n = (0, 1000) if name != "peak" else (1, 10_000_000)
    exact = formula(1e-12, t, n)
    assert abs(build(1e-12, n).lr(t) - exact) > np.spacing(np.float32(exact))


def test_a_peak_begins_with_all_digits():
    assert KINDS["peak"][0](1e-12, 1000).lr(0) == 1e-12


@pytest.mark.parametrize("name", WHOLE)
def test_others_lose_none(name):
    for n in LENGTHS:
        for base in STARTS:
            schedule = WHOLE[name](base, n)
            assert schedule.lr(0) == base
            assert [schedule.lr(t) for t in list_updates(n)] == pytest.approx(
                [cosine(base, t, n) for t in list_updates(n)], rel=1e-14)
