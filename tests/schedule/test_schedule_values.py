"""Tests rates by hand at every boundary of every kind."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from frameworks.schedule import (
    KINDS,
    Annealing,
    Clamp,
    Constant,
    Cosine,
    CosineRestarts,
    Exponential,
    Factor,
    Hold,
    InverseSquareRoot,
    InverseTime,
    Maximum,
    Minimum,
    MultiFactor,
    Polynomial,
    PolynomialCycle,
    PowerLaw,
    Product,
    Repeat,
    Scale,
    Sequence,
    Shift,
    Sum,
    Warmup,
    lrs,
)
from frameworks.schedule.arrays import apply_each
from frameworks.schedule.fields import ScheduleModel
from tests.schedule.values_named import NAMED

line = Polynomial(base_lr=1.0, power=1.0, updates=10)

EXPECTED = [
    (Constant(base_lr=0.3), {0: 0.3, 1: 0.3, 10**15: 0.3}),
    (InverseSquareRoot(base_lr=1.0), {0: 1.0, 3: 0.5, 8: 1 / 3, 99: 0.1, 10**12 - 1: 1e-6}),
    (InverseSquareRoot(base_lr=0.6, timescale=50.0), {0: 0.6, 150: 0.3, 400: 0.2}),
    (InverseTime(base_lr=0.9), {0: 0.9, 1: 0.45, 2: 0.3, 8: 0.1, 9 * 10**8 - 1: 1e-9}),
    (InverseTime(base_lr=0.6, timescale=2.5), {0: 0.6, 5: 0.2, 10: 0.12}),
    (Factor(base_lr=2.0, factor=0.9, min_lr=0.01), {0: 2.0, 1: 1.8, 50: 0.010307550414, 51: 0.01, 10**9: 0.01}),
    (Factor(base_lr=1.0, factor=0.5, every=10), {9: 1.0, 10: 0.5, 19: 0.5, 20: 0.25}),
    (Factor(base_lr=0.3, factor=1.0, min_lr=0.3), {0: 0.3, 10**12: 0.3}),
    (MultiFactor(base_lr=0.5, factor=0.5, milestones=[15, 30]),
     {0: 0.5, 14: 0.5, 15: 0.25, 29: 0.25, 30: 0.125, 31: 0.125, 10**12: 0.125}),
    (MultiFactor(base_lr=1.0, factor=0.1, milestones=[1, 2]), {0: 1.0, 1: 0.1, 2: 0.01, 3: 0.01}),
    (Exponential(base_lr=1.0, factor=0.25, updates=2), {0: 1.0, 1: 0.5, 2: 0.25, 5: 0.03125, 10**12: 0.0}),
    (Exponential(base_lr=0.3, factor=1.0, updates=7), {0: 0.3, 10**12: 0.3}),
    (Exponential(base_lr=0.25, max_lr=1.0, factor=2.0, updates=2),
     {0: 0.25, 1: 0.25 * math.sqrt(2), 2: 0.5, 3: 0.5 * math.sqrt(2), 4: 1.0, 5: 1.0, 2**53: 1.0}),
    (Annealing(shape="linear", base_lr=1.0, updates=6.5), {0: 1.0, 1: 11 / 13, 6: 1 / 13, 7: 0.0, 2**53: 0.0}),
    (Annealing(shape="linear", base_lr=0.1, final_lr=0.5, updates=2.5, elapsed=0.5), {0: 0.18, 1: 0.34, 2: 0.5}),
    (Annealing(shape="linear", base_lr=1.0, elapsed_power=0.5, updates=4.0), {0: 1.0, 1: 0.5, 4: 0.0, 5: 0.0}),
    (Annealing(shape="linear", base_lr=1.0, final_lr=0.2, elapsed_power=2.0, updates=4.0),
     {0: 1.0, 1: 0.95, 2: 0.8, 3: 0.55, 4: 0.2}),
    (Annealing(shape="linear", base_lr=0.2, final_lr=1.0, elapsed_power=2.0, updates=4.0), {1: 0.25, 2: 0.4, 3: 0.65}),
    (Annealing(shape="linear", base_lr=0.0, final_lr=1.0, power=2.0, updates=4.0), {0: 0, 1: 0.4375, 3: 0.9375, 4: 1}),
    (Annealing(shape="cosine", base_lr=1.0, power=2.0, updates=3.0), {0: 1.0, 1: 0.5625, 2: 0.0625, 3: 0.0}),
    (Annealing(shape="cosine", base_lr=0.9, final_lr=0.1, elapsed_power=2.0, updates=4.0),
     {0: 0.9, 2: 0.5 + 0.2 * math.sqrt(2), 4: 0.1}),
    (Annealing(shape="exponential", base_lr=1.0, final_lr=0.0625, updates=4.0), {0: 1, 1: 0.5, 3: 0.125, 4: 0.0625}),
    (Annealing(shape="exponential", base_lr=0.01, final_lr=1.0, updates=4.0, elapsed=1.0), {0: 10**-1.5, 1: 0.1, 3: 1}),
    (PolynomialCycle(base_lr=0.9, final_lr=0.1, updates=4), {
        0: 0.9, 2: 0.5, 4: 0.1, 5: 0.4, 8: 0.1, 9: 0.3, 12: 0.1, 4000: 0.1, 4001: 0.1 + 0.8 * 3 / 4004}),
    (PolynomialCycle(base_lr=1.0, power=2.0, updates=1), {0: 1.0, 1: 0.0, 2: 0.0, 10**9: 0.0}),
    (PowerLaw(base_lr=0.9, power=2.0), {0: 0.9, 1: 0.225, 2: 0.1, 29: 0.001}),
    (PowerLaw(base_lr=0.8, timescale=2.5, power=1.5), {0: 0.8, 5: 0.8 / 3**1.5, 20: 0.8 / 27}),
    (Polynomial(base_lr=1.0, final_lr=0.2, updates=10), {0: 1.0, 5: 0.4, 9: 0.208, 10: 0.2, 11: 0.2, 10**12: 0.2}),
    (Polynomial(base_lr=1.0, updates=1), {0: 1.0, 1: 0.0, 2: 0.0}),
    (Polynomial(base_lr=0.0, final_lr=1.0, power=0.5, updates=4), {0: 0.0, 3: 0.5, 4: 1.0}),
    (Cosine(base_lr=0.3, final_lr=0.01, updates=20),
     {0: 0.3, 10: 0.155, 19: 0.01178519061370508, 20: 0.01, 21: 0.01, 40: 0.01, 10**12: 0.01}),
    (Cosine(base_lr=1.0, updates=3), {0: 1.0, 1: 0.75, 2: 0.25, 3: 0.0}),
    (Cosine(base_lr=1.0, final_lr=0.5, updates=1), {0: 1.0, 1: 0.5}),
    (Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15)),
     {0: 0.0, 1: 0.06, 4: 0.24, 5: 0.3, 19: 0.013168597893673, 20: 0.01, 21: 0.01}),
    (Warmup(updates=4, begin_lr=0.2, mode="constant", then=line), {0: 0.2, 3: 0.2, 4: 1.0, 5: 0.9, 14: 0.0}),
    (Warmup(updates=4, begin_lr=0.2, clock="keep", then=line), {0: 0.2, 2: 0.6, 3: 0.8, 4: 0.6, 10: 0.0}),
    (Warmup(updates=4, begin_lr=1.0, peak_lr=0.0, then=line), {0: 1.0, 1: 0.75, 3: 0.25, 4: 1.0}),
    (Warmup(updates=1, then=line), {0: 0.0, 1: 1.0, 2: 0.9}),
    (Shift(by=1, of=line), {0: 0.9, 8: 0.1, 9: 0.0}),
    (Shift(by=0, of=line), {0: 1.0}),
    (Hold(updates=235, of=line), {0: 1.0, 234: 1.0, 235: 0.9, 2349: 0.1, 2350: 0.0}),
    (Repeat(updates=10, of=line), {0: 1.0, 9: 0.1, 10: 1.0, 19: 0.1, 20: 1.0, 10**12 + 3: 0.7}),
    (Repeat(updates=12, of=line), {9: 0.1, 10: 0.0, 11: 0.0, 12: 1.0, 13: 0.9, 24: 1.0}),
    (Repeat(updates=1, of=line), {0: 1.0, 1: 1.0, 10**12: 1.0}),
    (CosineRestarts(base_lr=1.0, updates=3, growth=2),
     {1: 0.75, 2: 0.25, 3: 1.0, 5: 0.75, 6: 0.5, 9: 1.0, 15: 0.5, 20: 0.017037086855, 21: 1.0, 9 * 2**49 - 3: 0.5}),
    (Sequence(parts=[line, Constant(base_lr=0.7), line], boundaries=[5, 6]),
     {0: 1.0, 4: 0.6, 5: 0.7, 6: 1.0, 7: 0.9, 16: 0.0}),
    (Sequence(parts=[line], boundaries=[]), {0: 1.0, 10: 0.0}),
    (Scale(by=0.5, of=line), {0: 0.5, 5: 0.25, 10: 0.0}),
    (Scale(by=0.0, of=line), {0: 0.0, 5: 0.0}),
    (Clamp(min_lr=0.25, max_lr=0.75, of=line), {0: 0.75, 2: 0.75, 3: 0.7, 7: 0.3, 8: 0.25, 99: 0.25}),
    (Sum(of=[Constant(base_lr=0.25), line]), {0: 1.25, 9: 0.35, 10: 0.25, 11: 0.25}),
    (Sum(of=[line, MultiFactor(base_lr=1.0, factor=0.5, milestones=[5]), line]),
     {0: 3.0, 4: 2.2, 5: 1.5, 9: 0.7, 10: 0.5}),
    (Product(of=[line, MultiFactor(base_lr=0.5, factor=0.5, milestones=[4])]),
     {0: 0.5, 3: 0.35, 4: 0.15, 9: 0.025, 10: 0.0}),
    (Product(of=[Warmup(updates=4, then=Constant(base_lr=1.0)), line, Constant(base_lr=0.5)]),
     {0: 0.0, 1: 0.1125, 3: 0.2625, 4: 0.3, 9: 0.05, 10: 0.0}),
    (Minimum(of=[line, Constant(base_lr=0.35)]), {0: 0.35, 6: 0.35, 7: 0.3, 9: 0.1, 10: 0.0}),
    (Minimum(of=[Polynomial(base_lr=0.0, final_lr=1.0, power=1.0, updates=8), line]),
     {0: 0.0, 3: 0.375, 4: 0.5, 5: 0.5, 6: 0.4, 9: 0.1, 10: 0.0}),
    (Maximum(of=[line, Constant(base_lr=0.35)]), {0: 1.0, 6: 0.4, 7: 0.35, 10: 0.35}),
    (Maximum(of=[Repeat(updates=10, of=line), Polynomial(base_lr=0.5, final_lr=0.1, power=1.0, updates=20)]),
     {4: 0.6, 5: 0.5, 6: 0.4, 7: 0.36, 9: 0.32, 10: 1.0, 18: 0.2, 19: 0.12}),
    *NAMED,
]


@pytest.mark.parametrize(("schedule", "expected"), EXPECTED, ids=lambda value: getattr(value, "kind", ""))
def test_lr_is_the_hand_worked_number(schedule, expected):
    for t, rate in expected.items():
        assert schedule.lr(t) == pytest.approx(rate, rel=1e-9, abs=1e-15), t


def test_every_kind_is_worked_by_hand():
    assert {schedule.kind for schedule, _ in EXPECTED} == set(KINDS)


@pytest.mark.parametrize("schedule", [schedule for schedule, _ in EXPECTED], ids=lambda schedule: schedule.kind)
def test_horizon_is_where_the_last_case_begins(schedule):
    """The rate of a held kind does not change from there on; one update earlier it is not reached."""
    if schedule.kind in ("repeat", "cosine_restarts", "cyclic"):
        assert schedule.lr(schedule.horizon) == schedule.lr(0)
    elif schedule.horizon and schedule.kind != "noam" and not (schedule.kind == "factor" and schedule.min_lr == 0):
        assert schedule.lr(schedule.horizon) == schedule.lr(schedule.horizon + 1000)
        if schedule.kind not in ("scale", "clamp", "minimum", "maximum"):
            assert schedule.lr(schedule.horizon - 1) != schedule.lr(schedule.horizon)


@pytest.mark.parametrize(("t", "error", "message"), [
    (-1, ValueError, r"t must be from 0 to 2\^53, got -1"),
    (10**400, ValueError, r"t must be from 0 to 2\^53, got 1000"),
    (1.5, TypeError, "'float' object cannot be interpreted as an integer"),
])
def test_t_must_be_a_count(t, error, message):
    with pytest.raises(error, match=message):
        line.lr(t)


def test_the_sign_of_a_zero_is_no_part_of_a_rate():
    assert math.copysign(1, Constant(base_lr=-0.0).lr(0)) == 1


def test_a_shift_past_the_end_has_no_horizon():
    assert Shift(by=3, of=Cosine(base_lr=1.0, updates=5)).horizon == 2
    assert Shift(by=5, of=Cosine(base_lr=1.0, updates=5)).horizon == 0
    assert Shift(by=9, of=Cosine(base_lr=1.0, updates=5)).horizon == 0


def test_a_factor_reaches_its_floor_at_its_horizon():
    assert Factor(base_lr=1.0, factor=0.5, every=10, min_lr=0.2).horizon == 30
    assert Factor(base_lr=1.0, factor=0.5, every=10).horizon == 10
    assert Factor(base_lr=1.0, factor=1.0, every=10).horizon == Factor(base_lr=0.0, factor=0.5).horizon == 0


def test_what_a_warmup_points_at_is_reached_by_what_follows():
    small = Cosine(base_lr=0.3, updates=5)
    assert Warmup(updates=5, begin_lr=0.1, then=small).largest == 0.3
    assert Warmup(updates=5, begin_lr=0.1, peak_lr=0.7, then=small).largest == 0.7


def test_a_kind_has_to_say_four_things():
    assert ScheduleModel.__abstractmethods__ == {"_compute_at", "_compute_over", "horizon", "largest"}


@pytest.mark.parametrize("values", [[1.0, 2.0, 1.0, 1.0], [1.0, 1.0, 2.0, 2.0, 1.0], [3.0], [3.0, 3.0], []])
def test_each_asks_once_for_a_run_of_equal_values(values):
    asked = []
    found = apply_each(lambda value, more: asked.append(value) or value * more, np.array(values), 2.0)
    assert found.tolist() == [value * 2 for value in values]
    assert len(asked) == len(list(itertools.groupby(values)))


def test_lrs_needs_a_count():
    with pytest.raises(ValueError, match="n must be 0 or more, got -1"):
        lrs(line, -1)
    with pytest.raises(TypeError, match="'float' object cannot be interpreted as an integer"):
        lrs(line, 3.5)
    assert lrs(line, 0).shape == (0,)


def test_schedules_are_values():
    again = Polynomial(base_lr=np.float32(1), power=1, updates=np.int64(10))
    assert again == line
    assert hash(again) == hash(line)
    with pytest.raises(ValueError, match="frozen"):
        again.base_lr = 2.0
