"""Tests cycles: rates by hand, far boundaries, and the libraries' built-in classes."""

from __future__ import annotations

import importlib
import math
import warnings

import numpy as np
import pytest

from frameworks import FRAMEWORKS, backend
from frameworks.schedule import (
    Constant,
    Cosine,
    CosineRestarts,
    Polynomial,
    Repeat,
    Sequence,
    Shift,
    SpecificationError,
    loads,
    lrs,
)

line = Polynomial(base_lr=1.0, power=1.0, updates=10)
triangle = Sequence(parts=[Polynomial(base_lr=0.1, final_lr=0.5, power=1, updates=4),
                           Polynomial(base_lr=0.5, final_lr=0.1, power=1, updates=4)], boundaries=[4])

EXPECTED = [
    (Repeat(updates=10, decay=0.5, of=line), {0: 1.0, 9: 0.1, 10: 0.5, 19: 0.05, 20: 0.25, 25: 0.125, 10**5: 0.0}),
    (Repeat(updates=8, decay=0.5, min_lr=0.1, of=triangle),
     {0: 0.1, 4: 0.5, 7: 0.2, 8: 0.1, 12: 0.3, 13: 0.25, 16: 0.1, 20: 0.2, 8 * 10**9 + 4: 0.1}),
    (Repeat(updates=1, decay=0.5, min_lr=0.2, of=Constant(base_lr=1.0)), {0: 1.0, 1: 0.6, 2: 0.4, 3: 0.3, 10**9: 0.2}),
    (Repeat(updates=10, decay=0.5, min_lr=1.0, of=line),
     {0: 1.0, 5: 0.5, 10: 1.0, 15: 0.75, 25: 0.875, 10**9 + 5: 1.0}),
    (CosineRestarts(base_lr=1.0, updates=3, decay=0.5),
     {0: 1.0, 1: 0.75, 2: 0.25, 3: 0.5, 4: 0.375, 5: 0.125, 6: 0.25}),
    (CosineRestarts(base_lr=0.9, final_lr=0.1, updates=2, growth=3, decay=0.5),
     {0: 0.9, 1: 0.5, 2: 0.5, 3: 0.1 + 0.4 * (2 + math.sqrt(3)) / 4, 5: 0.3, 8: 0.3, 17: 0.2, 26: 0.2, 53: 0.15}),
    (CosineRestarts(base_lr=0.8, final_lr=0.2, updates=4, decay=0.5, sinks="peak"),
     {0: 0.8, 2: 0.5, 4: 0.4, 6: 0.3, 8: 0.2, 10: 0.2, 12: 0.1, 14: 0.15, 4 * 10**9: 0.0, 4 * 10**9 + 2: 0.1}),
    (CosineRestarts(base_lr=1.1, final_lr=0.1, updates=6, warmup=2),
     {0: 0.1, 1: 0.6, 2: 1.1, 4: 0.6, 6: 0.1, 7: 0.6, 8: 1.1, 10: 0.6, 6 * 10**9 + 1: 0.6}),
    (CosineRestarts(base_lr=1.0, updates=6, growth=2, decay=0.5, warmup=2),
     {1: 0.5, 2: 1.0, 4: 0.5, 6: 0.0, 7: 0.25, 8: 0.5, 13: 0.25, 18: 0.0, 19: 0.125, 20: 0.25, 31: 0.125, 42: 0.0}),
    (CosineRestarts(base_lr=0.0, final_lr=1.0, updates=4), {0: 0.0, 2: 0.5, 4: 0.0}),
]


@pytest.mark.parametrize(("schedule", "expected"), EXPECTED, ids=lambda value: getattr(value, "kind", ""))
def test_lr_is_the_hand_worked_number(schedule, expected):
    for t, rate in expected.items():
        assert schedule.lr(t) == pytest.approx(rate, rel=1e-9, abs=1e-15), t
        assert lrs(Shift(by=t, of=schedule), 1)[0] == schedule.lr(t)


def test_a_decay_of_1_changes_no_bit():
    assert lrs(Repeat(updates=7, of=line, min_lr=0.3), 50).tolist() == lrs(Repeat(updates=7, of=line), 50).tolist()
    assert lrs(Repeat(updates=7, of=line), 50).tolist() == [line.lr(t % 7) for t in range(50)]


def test_a_cycle_of_equal_length_is_a_repeat():
    of = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
    restarts = CosineRestarts(base_lr=0.3, final_lr=0.01, updates=20)
    assert lrs(restarts, 100).tolist() == lrs(Repeat(updates=20, of=of), 100).tolist()


@pytest.mark.parametrize(("fields", "said"), [
    ('"warmup": 9', "warmup: must be below updates (9), got 9"),
    ('"warmup": -1', "warmup: must be at least 0, got -1"),
    ('"growth": 0', "growth: must be at least 1, got 0"),
    ('"growth": 1.5', "growth: must be an integer, got 1.5"),
    ('"decay": 0', "decay: must be above 0, got 0"),
    ('"decay": 1.5', "decay: must be at most 1, got 1.5"),
    ('"sinks": "top"', "sinks: must be 'height' or 'peak', got \"top\""),
])
def test_what_makes_no_sense_is_refused(fields, said):
    with pytest.raises(SpecificationError) as error:
        loads(f'{{"kind": "cosine_restarts", "base_lr": 1, "updates": 9, {fields}}}')
    assert said in str(error.value)


def test_the_largest_rate_may_be_the_floor():
    assert Repeat(updates=2, decay=0.5, min_lr=3.0, of=line).largest == 3.0
    assert Repeat(updates=2, min_lr=3.0, of=line).largest == 1.0
    assert CosineRestarts(base_lr=0.1, final_lr=0.4, updates=2).largest == 0.4


def ports(framework):
    """Return each way in which a back end computes the rates of some updates."""
    backend(framework)
    rule = importlib.import_module(f"frameworks.{framework}.schedules").rule
    if framework != "tensorflow":
        return [lambda schedule, times: [rule(schedule)(t) for t in times]]
    tf = importlib.import_module("tensorflow")
    return [lambda schedule, times, run=run: run(rule(schedule))(tf.constant(times, tf.int64)).numpy()
            for run in (lambda ask: ask, tf.function, lambda ask: tf.function(ask, jit_compile=True))]


FAR = [
    CosineRestarts(base_lr=0.3, final_lr=0.01, updates=5, growth=2, decay=0.9),
    CosineRestarts(base_lr=0.3, updates=7, growth=3, sinks="peak", decay=0.8, warmup=6),
    CosineRestarts(base_lr=0.3, final_lr=0.01, updates=1, growth=2**40, decay=0.5),
    CosineRestarts(base_lr=0.3, final_lr=0.01, updates=49, decay=0.5, warmup=3),
    Repeat(updates=49, decay=0.5, min_lr=0.1, of=Cosine(base_lr=0.3, updates=49)),
    Repeat(updates=3, decay=5e-324, of=Constant(base_lr=0.3)),
]


def starts(schedule):
    if getattr(schedule, "growth", 1) == 1:
        return [schedule.updates * (2**53 // schedule.updates - 1)]
    found, length = [0], schedule.updates
    while found[-1] + length <= 2**53:
        found.append(found[-1] + length)
        length *= schedule.growth
    return found


@pytest.mark.parametrize("schedule", FAR, ids=lambda schedule: f"{schedule.kind}_{schedule.updates}")
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_border_up_to_the_last_update(framework, schedule):
    times = sorted({t for start in starts(schedule) for t in (start - 1, start, start + 1, start + 6)
                    if 0 <= t <= 2**53} | {2**24 + 1, 2**31 + 1, 2**53 - 1, 2**53})
    exact = [schedule.lr(t) for t in times]
    for port in ports(framework):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = port(schedule, times)
        assert np.abs(np.array(found) - exact).max() <= 4 * 2.0**-53 * schedule.largest


def test_torch_restarts_and_triangular2_are_these():
    torch = importlib.import_module("torch")
    kinds = torch.optim.lr_scheduler

    def rates(lr, make, updates=500):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
        scheduler, found = make(optimizer), []
        for _ in range(updates):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        return found

    waves = CosineRestarts(base_lr=0.3, final_lr=0.01, updates=3, growth=2)
    assert lrs(waves, 500).tolist() == rates(
        0.3, lambda optimizer: kinds.CosineAnnealingWarmRestarts(optimizer, 3, 2, eta_min=0.01))
    lower = Repeat(updates=8, decay=0.5, min_lr=0.1, of=triangle)
    halved = rates(0.1, lambda optimizer: kinds.CyclicLR(
        optimizer, 0.1, 0.5, 4, mode="triangular2", cycle_momentum=False))
    assert np.float32(halved).tolist() == np.float32(lrs(lower, 500)).tolist()


def test_keras_restarts_are_these_where_its_logarithm_is_right():
    schedules = importlib.import_module("keras").optimizers.schedules
    tf = importlib.import_module("tensorflow")
    native = schedules.CosineDecayRestarts(*map(np.float64, (0.4, 5, 2, 0.5, 0.1)))
    waves = CosineRestarts(base_lr=0.4, final_lr=0.04, updates=5, growth=2, decay=0.5)
    assert np.abs(native(tf.range(300, dtype=tf.int64)).numpy() - lrs(waves, 300)).max() < 1e-15


def test_a_logarithm_is_an_update_late():
    torch, tf = importlib.import_module("torch"), importlib.import_module("tensorflow")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=1, T_mult=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns since no optimizer.step() was made
        scheduler.step(121)
    native = importlib.import_module("keras").optimizers.schedules.CosineDecayRestarts(
        np.float64(1.0), np.float64(1), np.float64(3))
    assert CosineRestarts(base_lr=1.0, updates=1, growth=3).lr(121) == 1.0
    assert (optimizer.param_groups[0]["lr"], float(native(tf.constant(121)))) == (0.0, 0.0)
