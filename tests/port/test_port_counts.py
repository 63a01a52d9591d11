"""Tests counts: 20.0 is read where the class accepts it, and refused where the class fails."""

from __future__ import annotations

import numpy as np
import pytest

from frameworks.schedule import lrs
from parity.port import PortError, read_text
from tests.harness.roundtrip.constructors import Constructor
from tests.harness.roundtrip.trips import check_class, measure_applied_rates, read_schedule

READ = [
    ("mxnet", "FactorScheduler(10.0, 0.5)"), ("mxnet", "FactorScheduler(1000.0)"),
    ("mxnet", "MultiFactorScheduler([15.0, 30.0], 0.1)"), ("torch", "StepLR(optimizer, 30.0)"),
    ("torch", "MultiStepLR(optimizer, [15.0, 30.0, 30])"), ("torch", "ConstantLR(optimizer, total_iters=5.0)"),
    ("torch", "LinearLR(optimizer, total_iters=5.0)"), ("torch", "PolynomialLR(optimizer, 30.0)"),
    ("torch", "CosineAnnealingLR(optimizer, T_max=20.0)"),
    ("torch", "CyclicLR(optimizer, 0.1, 0.5, 7.0, 9.0, cycle_momentum=False)"),
    ("torch", "SequentialLR(optimizer, [StepLR(optimizer, 3), StepLR(optimizer, 4)], [10.0])"),
    ("torch", "MultiStepLR(optimizer, (15, 30))"),
    ("torch", "SequentialLR(optimizer, (StepLR(optimizer, 3), StepLR(optimizer, 4)), (10,))"),
    ("torch", "ChainedScheduler((StepLR(optimizer, 3), ConstantLR(optimizer, 0.5, 4.0)))"),
    ("tensorflow", "ExponentialDecay(0.3, 7.0, 0.5, staircase=True)"),
    ("tensorflow", "ExponentialDecay(0.3, 10.0, 0.5)"), ("tensorflow", "PolynomialDecay(0.5, 30.0)"),
    ("tensorflow", "CosineDecay(0.0, 15.0, warmup_target=0.3, warmup_steps=5.0)"),
    ("tensorflow", "CosineDecayRestarts(0.3, 16.0, 1.0)"), ("tensorflow", "InverseTimeDecay(0.3, 7.0, 0.5, True)"),
    ("tensorflow", "PiecewiseConstantDecay([15.0, 30], (0.5, 0.25, 0.1))"),
]


@pytest.mark.parametrize(("source", "text"), READ)
def test_a_whole_float_is_read_where_the_class_counts_with_it(source, text):
    """A whole float is read as a count, and the class applies the same rates."""
    assert check_class(Constructor(source, text, lr=0.3 if source == "torch" else None)).rates > 20


FAILS = [
    ("mxnet", "CosineScheduler(20.0)"), ("mxnet", "PolyScheduler(20.0)"),
    ("mxnet", "FactorScheduler(3, warmup_steps=5.0)"), ("mxnet", "MultiFactorScheduler((15, 30), 0.1)"),
    ("torch", "CosineAnnealingWarmRestarts(optimizer, 16.0)"),
    ("torch", "CosineAnnealingWarmRestarts(optimizer, 16, 2.0)"), ("torch", "OneCycleLR(optimizer, 0.5, 50.0)"),
    ("torch", "OneCycleLR(optimizer, 0.5, epochs=5.0, steps_per_epoch=10)"),
    ("torch", "OneCycleLR(optimizer, 0.1, 20, div_factor=0, cycle_momentum=False)"),
    ("torch", "OneCycleLR(optimizer, 0.1, 20, final_div_factor=0, cycle_momentum=False)"),
]


@pytest.mark.parametrize(("source", "text"), FAILS)
def test_what_the_class_fails_with_is_refused(source, text):
    """A value with which the class raises an error is refused."""
    lr = 0.3 if source == "torch" else None
    with pytest.raises((AssertionError, ValueError, ZeroDivisionError)):
        measure_applied_rates(Constructor(source, text, lr=lr), 20)
    with pytest.raises(PortError, match=r"must be a whole number, got|must be above 0, got 0|must be a list, got \("):
        read_text(text, source, lr=lr)


@pytest.mark.parametrize(("text", "updates"), [("1000 * 0.9", 900), ("2000 / 2", 1000), ("500 * 2", 1000)])
def test_a_float_that_was_computed_counts_as_python_computes_it(text, updates):
    """A float from a product is a count if it is whole; one that is not is refused, as its class refuses it."""
    assert read_text(f"CosineDecay(0.1, {text})", "tensorflow").schedule.updates == updates
    with pytest.raises(PortError, match=r"decay_steps must be a whole number, got 7\.000000000000001"):
        read_text("CosineDecay(0.1, 0.07 * 100)", "tensorflow")


@pytest.mark.parametrize("number", ["5.5", "True", "'5'"])
def test_other_numbers_are_not_counts(number):
    """Fractions, booleans and text are refused as counts."""
    with pytest.raises(PortError, match="step_size must be a whole number, got "):
        read_text(f"StepLR(optimizer, {number})", "torch", lr=0.1)


@pytest.mark.parametrize("parts", ["[StepLR(optimizer, 3)], []", "[StepLR(optimizer, 3), StepLR(optimizer, 4)], [10]"])
def test_a_sequence_of_one_sequence_is_refused(parts):
    """torch steps the inner SequentialLR twice when it is built: its milestones come one update early."""
    inner = f"SequentialLR(optimizer, {parts})"
    read = lrs(read_schedule(Constructor("torch", inner, lr=0.1)), 20).astype(np.float32)
    within = measure_applied_rates(Constructor("torch", f"SequentialLR(optimizer, [{inner}], [])", lr=0.1), 20)
    assert (within[9] == pytest.approx(read[9])) == ("10" not in parts)
    with pytest.raises(PortError, match="nested SequentialLR is not supported: torch steps the inner one once too"):
        read_text(f"SequentialLR(optimizer, [{inner}], [])", "torch", lr=0.1)


def one_cycle(*given):
    """Return the constructor of a OneCycleLR."""
    return Constructor("torch", f"OneCycleLR(optimizer, 0.1, {', '.join(given)}, cycle_momentum=False)", lr=0.1)


@pytest.mark.parametrize("share", [0.07, 0.14, 0.28, 0.29])
@pytest.mark.parametrize("more", ["", ", anneal_strategy='linear'", ", div_factor=1000", ", three_phase=True"])
def test_a_phase_that_is_whole_except_for_rounding_is_whole(share, more):
    """A phase whose length differs from a whole number by rounding only is read as whole."""
    assert not (share * 100).is_integer()
    assert check_class(one_cycle("100", f"pct_start={share}{more}")).rates == 99


@pytest.mark.parametrize("given", [
    ("25",), ("25", "anneal_strategy='linear'"), ("25", "three_phase=True"), ("99", "pct_start=0.123"),
    ("10", "pct_start=0.13", "three_phase=True"), ("40", "pct_start=0.04"), ("100", "pct_start=0.2899999999")])
def test_a_phase_may_end_between_two_updates(given):
    """A phase that ends between two updates is read as an annealing."""
    parts = read_schedule(one_cycle(*given)).parts
    assert any(not part.updates.is_integer() for part in parts)
    assert check_class(one_cycle(*given)).rates == int(given[0]) - 1


def test_a_phase_is_whole_only_if_its_rates_are_those():
    """torch's error is above 1e-9 of a rate that is 1e12 times lower than the highest."""
    given = ("100", "pct_start=0.29", "three_phase=True")
    assert [part.kind for part in read_schedule(one_cycle(*given)).parts] == ["cosine"] * 3
    assert [part.kind for part in read_schedule(one_cycle(*given, "div_factor=1e12")).parts] == ["annealing"] * 3


def test_an_empty_phase_is_refused_with_its_length():
    """A phase without updates is refused with its length."""
    with pytest.raises(PortError, match=r"its phases are 0\.0, 9\.0 updates long: each must be above 0"):
        read_schedule(one_cycle("10", "pct_start=0.1"))
