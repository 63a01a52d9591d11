"""The tolerance of an applied rate: by the rule without combinations, else from the tolerances of the members."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from frameworks.schedule import (
    Clamp,
    Constant,
    Cosine,
    Hold,
    Maximum,
    Minimum,
    Polynomial,
    Product,
    Repeat,
    Scale,
    Sequence,
    Shift,
    Sum,
    Warmup,
    lrs,
)
from parity.cases import CASES
from parity.gate.laws.algebra import schedules
from parity.gate.laws.expected import compute_allowed
from parity.measuring.compare import compare
from parity.measuring.margin import EDGE, compute_bounds, has_combination

#: Large, then small; and small, then large. At update 1 the error of the first is larger than the rule allows.
falling = Sequence(parts=[Constant(base_lr=1.0), Constant(base_lr=2.0**-20)], boundaries=[1])
rising = Sequence(parts=[Constant(base_lr=2.0**-40), Constant(base_lr=4.0)], boundaries=[1])
late = Product(of=[falling, rising])


def first(n):
    return np.arange(n, dtype=np.int64)


def margins(schedule, t):
    """Return the tolerance below and above `lr(t)`, in units of 2^-53."""
    rates, lowest, highest = (side[t] for side in compute_bounds(schedule, first(t + 1)))
    assert rates == schedule.lr(t)
    assert lowest <= rates <= highest
    return (rates - lowest) * 2**53, (highest - rates) * 2**53


def as_it_was(schedule, n):
    exact = lrs(schedule, n)
    margin = EDGE * np.maximum.accumulate(exact)
    return exact - margin, exact + margin


def unchanged(schedule, n):
    _, *sides = compute_bounds(schedule, first(n))
    return all(side.tobytes() == other.tobytes() for side, other in zip(sides, as_it_was(schedule, n)))


def test_it_is_as_it_was_for_every_case_without_combinations():
    without = [case for case in CASES.values() if not has_combination(case.schedule)]
    assert len(without) >= 77
    assert all(unchanged(case.schedule, min(case.updates, 2000)) for case in without)
    assert not unchanged(late, 2)  # as a counterpart


@given(schedules.filter(lambda schedule: not has_combination(schedule)))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_it_is_as_it_was_for_random_schedules_without_combinations(schedule):
    assert unchanged(schedule, 60)


@pytest.mark.parametrize(("schedule", "t", "below", "above"), [
    (late, 0, 8 * 2.0**-40, 8 * 2.0**-40),  # both at their largest: the rule
    (late, 1, 8 * 4.0, 8 * 4.0),  # the first is 8 off, of 1, times 4
    (Product(of=[falling, Constant(base_lr=0.0)]), 1, 0, 0),
    (Product(of=[falling, falling, falling]), 0, 8, 8),
    (Sum(of=[falling, rising]), 1, 8 * 5, 8 * 5),
    (Minimum(of=[falling, rising]), 1, 8, 8),  # the other is far away
    (Minimum(of=[Constant(base_lr=0.5), Cosine(base_lr=64.0, updates=2)]), 0, 4, 4),
    (Minimum(of=[Constant(base_lr=0.5), Cosine(base_lr=64.0, updates=2)]), 2, 512, 512),
    (Minimum(of=[falling, Constant(base_lr=2.0**-20)]), 1, 8, 8 * 2.0**-20),  # above it is cut off
    (Maximum(of=[falling, Constant(base_lr=2.0**-20)]), 1, 8 * 2.0**-20, 8),
    (Maximum(of=[falling, rising]), 1, 32, 32),
    (Clamp(min_lr=0.0, max_lr=2.0**-19, of=late), 1, 8 * 2.0**-19, 8 * 2.0**-19),  # in force: the rule
    (Clamp(min_lr=0.0, max_lr=1.0, of=late), 1, 32, 32),
    (Scale(by=0.5, of=late), 1, 16, 16),
    (Scale(by=0.0, of=late), 1, 0, 0),
    (Shift(by=1, of=late), 0, 8 * 2.0**-18, 8 * 2.0**-18),  # update 0 has never been applied
    (Hold(updates=3, of=late), 3, 32, 32),
    (Sequence(parts=[Constant(base_lr=0.1), late], boundaries=[5]), 6, 32, 32),
    (Sequence(parts=[Constant(base_lr=8.0), late], boundaries=[5]), 6, 64, 64),  # the rule is wider
    (Repeat(updates=2, of=late), 3, 32, 32),
    (Warmup(updates=4, then=Shift(by=1, of=late)), 2, 8 * 2.0**-19, 8 * 2.0**-19),
    (Product(of=[Sum(of=[falling, falling]), rising]), 1, 64, 64),
])
def test_what_the_members_make_of_it(schedule, t, below, above):
    assert margins(schedule, t) == (pytest.approx(below, rel=1e-3, abs=1e-9), pytest.approx(above, rel=1e-3, abs=1e-9))


def at_a_boundary(off):
    """Return a product whose second rate is `off` * 2^-53 below the middle of two float32 numbers, and these."""
    low = np.float32(2.0**-18)
    high = np.nextafter(low, np.float32(1))
    small = ((float(low) + float(high)) / 2 - off * 2.0**-53) / 4
    return Product(of=[Sequence(parts=[Constant(base_lr=1.0), Constant(base_lr=small)], boundaries=[1]), rising]), high


@pytest.mark.parametrize(("off", "edges"), [(31, 1), (33, 0)])
def test_an_error_just_outside_is_caught(off, edges):
    schedule, high = at_a_boundary(off)
    applied = np.array([[2.0**-40], [high]], np.float32)
    comparison = compare(schedule, applied)
    assert (comparison.first is None, comparison.edges) == (bool(edges), edges)
    assert (float(high) in compute_allowed(schedule, 1)) is bool(edges)
    applied[1] = np.nextafter(high, np.float32(1))
    assert compare(schedule, applied).first.update == 1


def test_by_the_rule_alone_a_correct_rate_would_be_refused():
    """Only the first factor is off, by one unit of 2^-53 of its largest."""
    schedule, high = at_a_boundary(3)
    assert np.float32((schedule.of[0].lr(1) + 2.0**-53) * 4.0) == high
    assert as_it_was(schedule, 2)[1].astype(np.float32)[1] < high


def test_deep_schedules_are_worked_out_once():
    deep = late
    for _ in range(60):
        deep = Scale(by=1.0, of=deep)
    assert margins(deep, 1) == (32, 32)


def test_nested_warmups_ask_what_stands_in_them_once_for_the_same_updates():
    """A warm-up uses its inner schedule twice, for later updates and for its peak: 2^30 times without a cache."""
    deep = late
    for _ in range(30):
        deep = Warmup(updates=1, then=deep)
    assert compute_bounds(deep, first(33)).rates.tolist() == lrs(deep, 33).tolist()
    assert margins(Warmup(updates=1, then=late), 2) == margins(late, 1)


def test_the_rates_are_those_of_the_schedule():
    warm = Product(of=[Warmup(updates=5, then=Constant(base_lr=1.0)), Polynomial(base_lr=0.3, updates=20)])
    assert compute_bounds(warm, first(60)).rates.tolist() == lrs(warm, 60).tolist()
