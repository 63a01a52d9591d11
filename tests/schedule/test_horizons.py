"""Tests horizons by hand: the first update from which no further case of the formula begins, for every kind."""

from __future__ import annotations

import numpy as np
import pytest

from frameworks.schedule import (
    KINDS,
    Annealing,
    Clamp,
    Constant,
    Cosine,
    CosineRestarts,
    Cyclic,
    Delay,
    Exponential,
    Factor,
    Hold,
    Interpolated,
    InverseSquareRoot,
    InverseTime,
    Linear,
    Maximum,
    Minimum,
    MultiFactor,
    Noam,
    OneCycle,
    Override,
    Piecewise,
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
    Wsd,
    lrs,
)

ten, three = Polynomial(base_lr=1.0, updates=10), Cosine(base_lr=0.5, updates=3)
drop, same = MultiFactor(base_lr=0.5, factor=0.5, milestones=[3, 8]), Constant(base_lr=0.25)


def annealing(updates, elapsed=0.0):
    return Annealing(shape="linear", base_lr=1.0, updates=updates, elapsed=elapsed)


HORIZONS = [
    *[(schedule, 0) for schedule in (same, InverseSquareRoot(base_lr=1.0, timescale=9.0), InverseTime(base_lr=1.0),
                                     PowerLaw(base_lr=1.0, power=2.0), Exponential(base_lr=1.0, factor=0.5, updates=9),
                                     Shift(by=10, of=ten), Shift(by=11, of=ten), Hold(updates=9, of=same))],
    (ten, 10), (three, 3), (drop, 8), (Linear(base_lr=1.0, updates=8), 8), (PolynomialCycle(base_lr=1.0, updates=4), 4),
    (Factor(base_lr=1.0, factor=0.5, every=10, min_lr=0.2), 30), (Factor(base_lr=1.0, factor=0.5, every=10), 10),
    # 2^(t / 9) = 4 at 18, where the quotient of the logarithms is above 2
    (Exponential(base_lr=0.3, max_lr=1.2, factor=2.0, updates=9), 18),
    (annealing(4.0), 4), (annealing(6.5), 7), (annealing(6.5, 0.75), 6), (annealing(4.0, 1.0), 3), (annealing(0.5), 1),
    (annealing(4.0, 0.5), 4), (annealing(4.0, 4.0), 0), (annealing(4.0, 9.5), 0), (annealing(4.0, 3.5), 1),
    # 2.2 - 1.2 is above 1 in float64, while 1 + 1.2 is 2.2
    (annealing(2.2, 1.2), 1),
    (Warmup(updates=5, then=ten), 15), (Warmup(updates=5, then=same), 5),
    (Warmup(updates=5, clock="keep", then=ten), 10), (Warmup(updates=5, clock="keep", then=three), 5),
    (Warmup(updates=8, clock="keep", then=drop), 8),
    (Shift(by=1, of=ten), 9), (Hold(updates=235, of=ten), 2350), (Hold(updates=1, of=ten), 10),
    (Repeat(updates=12, of=ten), 12), (Repeat(updates=4, decay=0.5, of=ten), 4),
    (CosineRestarts(base_lr=1.0, updates=6), 6), (CosineRestarts(base_lr=1.0, updates=6, growth=2, warmup=2), 6),
    (Sequence(parts=[ten, same, three], boundaries=[5, 6]), 9), (Sequence(parts=[ten, same], boundaries=[5]), 5),
    (Sequence(parts=[ten], boundaries=[]), 10),
    *[(kind(of=of), 10) for kind in (Sum, Product, Minimum, Maximum) for of in ([ten, drop], [same, ten], [drop, ten])],
    (Scale(by=0.5, of=ten), 10), (Scale(by=0.0, of=ten), 10), (Clamp(min_lr=0.25, max_lr=0.75, of=ten), 10),
    (Interpolated(points=[[2, 0.1], [4, 0.5], [8, 0.3]]), 8), (Interpolated(points=[[7, 0.3]]), 0),
    (Piecewise(values=[0.5, 0.1, 0.3], boundaries=[1, 30]), 30),
    (Noam(d_model=1, warmup=25), 24), (Noam(d_model=1, warmup=25, first=0), 25),
    (Delay(by=3, of=ten), 13), (Delay(by=0, of=ten), 10),
    (Override(of=ten, at=4, then=drop), 12), (Override(of=ten, at=4, then=drop, clock="keep"), 8),
    (Override(of=ten, at=9, then=drop, clock="keep"), 9),
    (OneCycle(base_lr=0.1, peak_lr=1.0, rise=3, updates=6), 6),
    (OneCycle(base_lr=0.1, peak_lr=1.0, rise=2.5, updates=4), 4),
    (OneCycle(base_lr=0.1, peak_lr=1.0, rise=4.5, updates=5), 5),
    (OneCycle(base_lr=0.1, peak_lr=1.0, phases=3, rise=2.5, updates=8), 8),
    (Wsd(base_lr=1.0, warmup=4, stable=3, decay=4), 11),
    (Wsd(base_lr=1.0, warmup=4, stable=3, decay=4, decay_from=1), 10),
    (Wsd(base_lr=1.0, warmup=0, stable=0, decay=4), 4),
    (Cyclic(low=0.2, high=1.0, up=2, down=4), 6), (Cyclic(low=0.2, high=1.0, up=2, mode="triangular2"), 4),
]


@pytest.mark.parametrize(("schedule", "horizon"), HORIZONS, ids=lambda value: getattr(value, "kind", None))
def test_the_horizon_is_the_hand_worked_number(schedule, horizon):
    assert schedule.horizon == horizon


def test_every_kind_has_one():
    assert {schedule.kind for schedule, _ in HORIZONS} == set(KINDS)


def test_what_is_held_from_its_horizon_on_has_its_last_rate_there():
    """Tests whole and fractional lengths; the update before has another rate."""
    for updates, elapsed in ((4.0, 0.0), (6.5, 0.0), (6.5, 0.75), (4.0, 3.5), (2.2, 1.2), (0.5, 0.0)):
        rates = lrs(annealing(updates, elapsed), 9)
        assert np.flatnonzero(rates)[-1] + 1 == annealing(updates, elapsed).horizon


def test_a_cycle_ends_at_its_final_rate_though_no_update_is_on_the_way_down():
    """The way down lasts from 4.5 to 5. Cosines of 120 and 160 degrees are -0.5 and -0.93969262."""
    cycle = OneCycle(base_lr=0.1, peak_lr=1.0, final_lr=0.0, rise=4.5, updates=5)
    assert [cycle.lr(t) for t in (0, 3, 4)] == pytest.approx([0.1, 0.775, 0.972861679])
    assert [cycle.lr(t) for t in (5, 6)] == [0, 0]
