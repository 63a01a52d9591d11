"""Tests far updates and extreme fields in every back end: no digits are lost, and no intermediate number overflows."""

from __future__ import annotations

import importlib
import math
from fractions import Fraction

import numpy as np
import pytest

from frameworks import FRAMEWORKS, backend
from frameworks.schedule import Cyclic, Exponential, PolynomialCycle, PowerLaw, SpecificationError, loads

framework = pytest.mark.parametrize("framework", FRAMEWORKS)
SMALLEST = 1e-37


def compute_rate(framework, schedule, t):
    """Return the rate of a back end at update t."""
    backend(framework)
    rule = importlib.import_module(f"frameworks.{framework}.schedules.rule").rule(schedule)
    return float(rule(np.int64(t) if framework == "tensorflow" else t))


@framework
@pytest.mark.parametrize(("updates", "t"), [(1000, 2**32 + 1), (15, 10**12 + 1), (7, 2**40 + 1)])
def test_the_root_of_what_is_left_of_a_late_round_keeps_its_digits(framework, updates, t):
    schedule = PolynomialCycle(base_lr=1.0, power=0.5, updates=updates)
    left = Fraction(-t % updates, t + -t % updates)
    exact = math.sqrt(left)
    for rate in (schedule.lr(t), compute_rate(framework, schedule, t)):
        assert abs(rate - exact) <= 4 * 2.0**-53 * exact
    lossy = math.sqrt(1 - t / (t + -t % updates))
    assert abs(lossy - exact) > 100 * 2.0**-53 * exact  # the inexact formula would fail


@framework
@pytest.mark.parametrize("power", [1e3, 1e37])
def test_a_steep_power_law_is_0_in_the_end(framework, power):
    """A division by (t / timescale + 1)^power would fail: that number overflows a float64."""
    schedule = PowerLaw(base_lr=0.5, timescale=1e-3, power=power)
    assert [schedule.lr(t) for t in (0, 10**6)] == [0.5, 0.0]
    assert [compute_rate(framework, schedule, t) for t in (0, 10**6)] == [0.5, 0.0]


@framework
@pytest.mark.parametrize("schedule", [
    Exponential(base_lr=1.0, factor=SMALLEST, updates=40),
    Cyclic(low=0.0, high=1.0, up=3, mode="exp_range", gamma=SMALLEST).composed,
])
def test_the_smallest_factor_is_not_flushed_to_0(framework, schedule):
    computed, expected = (np.float64(rate(1)) for rate in (lambda t: compute_rate(framework, schedule, t), schedule.lr))
    assert expected > 0
    assert abs(computed - expected) <= 4 * 2.0**-53 * expected


@pytest.mark.parametrize(("text", "message"), [
    ('{"kind": "exponential", "base_lr": 1, "updates": 40, "factor": 5e-324}',
     "factor: must be at least 1e-37, got 5e-324"),
    ('{"kind": "cyclic", "low": 0, "high": 1, "up": 3, "mode": "exp_range", "gamma": 5e-324}',
     "gamma: must be at least 1e-37, got 5e-324"),
    ('{"kind": "cyclic", "low": 0, "high": 1, "up": 3, "mode": "exp_range", "gamma": 1.5}',
     "gamma: must be at most 1, got 1.5"),
    ('{"kind": "cyclic", "low": 0, "high": 1, "up": 3, "mode": "exp_range", "gamma": 1e38}',
     "gamma: must be at most 1, got 1e+38"),
])
def test_smaller_factors_are_refused(text, message):
    with pytest.raises(SpecificationError) as error:
        loads(text, name="s.json")
    assert error.value.mistakes == [f"s.json: {message}"]
