"""Tests properties of every schedule."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frameworks.schedule import Cosine, Factor, Polynomial, Shift, dumps, loads, lrs
from frameworks.schedule.fields import MAX_RATE
from parity.gate.laws.algebra import schedules


@given(schedules, st.integers(0, 300))
@settings(max_examples=500, deadline=None)
def test_lrs_equals_lr_bit_for_bit(schedule, n):
    one_by_one = np.array([schedule.lr(t) for t in range(n)], np.float64)
    assert lrs(schedule, n).tobytes() == one_by_one.tobytes()


@pytest.mark.parametrize("schedule", [
    Cosine(base_lr=0.3, updates=12_000), Polynomial(base_lr=0.3, power=1.7, updates=12_000),
    Factor(base_lr=1.0, factor=0.999), Factor(base_lr=1.0, factor=0.9), Factor(base_lr=1e37, factor=5e-324)])
def test_lrs_of_many_updates_equals_lr(schedule):
    assert lrs(schedule, 10_000).tolist() == [schedule.lr(t) for t in range(10_000)]


@given(schedules, st.integers(0, 2**53))
@settings(max_examples=300, deadline=None)
def test_rates_are_rates_at_any_time(schedule, t):
    rate = schedule.lr(t)
    assert isinstance(rate, float)
    assert 0 <= rate <= schedule.largest * (1 + 1e-15) <= MAX_RATE
    assert math.copysign(1, rate) == 1


@given(schedules)
@settings(max_examples=300, deadline=None)
def test_writing_and_reading_gives_the_same_schedule(schedule):
    assert loads(dumps(schedule)) == schedule
    assert loads(dumps(schedule, "toml"), "toml") == schedule


@given(schedules)
@settings(max_examples=200, deadline=None)
def test_lrs_far_away_equals_lr(schedule):
    for start in (2**24, 10**9, 2**31, 2**52):
        later = Shift(by=start, of=schedule)
        assert lrs(later, 3).tolist() == [schedule.lr(start + i) for i in range(3)]
