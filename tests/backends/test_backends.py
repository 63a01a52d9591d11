"""Checks every back end: any schedule, any update, in any order."""

from __future__ import annotations

import copy
import importlib
import pickle

import numpy as np
import pytest
from hypothesis import given, settings

from frameworks import FRAMEWORKS, FrameworkMissingError, backend
from frameworks.schedule import Cosine, Factor, MultiFactor, Polynomial, Warmup, expand
from parity.gate.laws.algebra import schedules
from parity.measuring.classes_used import collect_classes
from parity.measuring.compare import compare
from tests.schedule import test_rounds, test_schedule_values

warm = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
drops = MultiFactor(base_lr=0.3, factor=0.5, milestones=[1, 7])


def ask(framework, schedule, t):
    """Return the rate of a scheduler object after t updates."""
    built = backend(framework)
    if framework == "mxnet":
        return built.build(schedule)(t + 1)
    if framework == "tensorflow":
        return float(built.build(schedule)(t))
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))])
    scheduler = built.Specified(optimizer, schedule)
    scheduler.last_epoch = t - 1
    scheduler.optimizer.step()
    scheduler.step()
    return optimizer.param_groups[0]["lr"]


@pytest.mark.parametrize("framework", FRAMEWORKS)
@given(schedule=schedules)
@settings(max_examples=40, deadline=None)
def test_any_schedule_is_applied(framework, schedule):
    """Random schedules are applied bit for bit."""
    seen = backend(framework).observe(schedule, 60)
    comparison = compare(schedule, seen.applied)
    assert comparison.first is None, comparison.first


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_hand_worked_rate(framework):
    """The functions of the back end compute the rates of the specification on both sides of every boundary."""
    backend(framework)
    rule = importlib.import_module(f"frameworks.{framework}.schedules").rule
    for schedule, rates in (*test_schedule_values.EXPECTED, *test_rounds.EXPECTED):
        ported = rule(expand(schedule))
        for t, rate in rates.items():
            computed = float(ported(np.int64(t) if framework == "tensorflow" else t))
            assert computed == pytest.approx(rate, rel=1e-9, abs=1e-15), (schedule, t)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_reported_rate_is_that_of_the_same_update(framework):
    """The schedule has another rate at each update, so a report of another update's rate would be seen."""
    seen = backend(framework).observe(Polynomial(base_lr=1.0, power=1.0, updates=9), 8)
    rates = np.float32([9 / 9, 8 / 9, 7 / 9, 6 / 9, 5 / 9, 4 / 9, 3 / 9, 2 / 9])
    assert seen.reported.astype(np.float32).tolist() == seen.applied[:, 0].tolist() == rates.tolist()


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("t", [2**24 + 1, 10**9, 2**31 + 1])
@pytest.mark.parametrize("schedule", [warm, drops, Factor(base_lr=1.0, factor=0.9, min_lr=0.1),
                                      Factor(base_lr=1.0, factor=0.9999999, min_lr=1e-10),
                                      Warmup(updates=10**9, clock="keep", then=Factor(base_lr=1.0, factor=0.5)),
                                      Polynomial(base_lr=0.3, final_lr=0.1, updates=20),
                                      Polynomial(base_lr=0.3, final_lr=0.1, updates=2**40)], ids=lambda s: s.kind)
def test_far_updates_are_right(framework, schedule, t):
    """Rates are exact where float32 and int32 counts are not."""
    assert ask(framework, schedule, t) == np.float32(schedule.lr(t))


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("then", [MultiFactor(base_lr=1.0, factor=0.5, milestones=[4, 5, 6]),
                                  Factor(base_lr=1.0, factor=0.5, every=5), Factor(base_lr=1.0, factor=0.5, every=4)],
                         ids=["milestones", "every_5", "every_4"])
def test_a_drop_at_the_end_of_a_warm_up(framework, then):
    """A drop is applied at the update where the warm-up ends."""
    schedule = Warmup(updates=5, clock="keep", then=then)
    assert compare(schedule, backend(framework).observe(schedule, 30).applied).first is None


@pytest.mark.parametrize("schedule", [Factor(base_lr=1.0, factor=0.5, every=3), drops], ids=lambda s: s.kind)
def test_gluons_own_scheduler_decides_whether_an_update_drops_the_rate(schedule, monkeypatch):
    """Its state is set to that after the previous update, and not further."""
    import mxnet.lr_scheduler

    name = "FactorScheduler" if schedule.kind == "factor" else "MultiFactorScheduler"
    original, seen = getattr(mxnet.lr_scheduler, name).__call__, []
    monkeypatch.setattr(getattr(mxnet.lr_scheduler, name), "__call__",
                        lambda self, count: seen.append((count, self.base_lr)) or original(self, count))
    scheduler = backend("mxnet").build(schedule)
    for t in range(12):
        assert scheduler(t + 1) == np.float32(schedule.lr(t))
    assert seen == [(t + 1, schedule.lr(max(t - 1, 0))) for t in range(12)]


@pytest.mark.parametrize(("begin_lr", "own"), [(0.0, True), (0.1, True), (0.3, True), (0.4, False)])
def test_gluons_own_warm_up_is_used_where_it_can_be(begin_lr, own, monkeypatch):
    """Gluon computes the warm-up unless begin_lr is above base_lr."""
    import mxnet.lr_scheduler

    base, counts = mxnet.lr_scheduler.LRScheduler, []
    original = base.get_warmup_lr
    monkeypatch.setattr(base, "get_warmup_lr", lambda self, count: counts.append(count) or original(self, count))
    schedule = Warmup(updates=5, begin_lr=begin_lr, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
    scheduler = backend("mxnet").build(schedule)
    assert [scheduler(t + 1) for t in range(25)] == [np.float32(schedule.lr(t)) for t in range(25)]
    assert counts == ([0, 1, 2, 3, 4] if own else [])


@pytest.mark.parametrize("framework", ["mxnet", "tensorflow"])
def test_calls_in_any_order_return_the_same_rates(framework):
    """Schedulers have no state."""
    scheduler = backend(framework).build(drops)
    first = 1 if framework == "mxnet" else 0
    for t in (9, 0, 7, 6, 0, 30, 1, 7):
        assert float(scheduler(t + first)) == np.float32(drops.lr(t))


@pytest.mark.parametrize("framework", ["mxnet", "tensorflow"])
def test_schedulers_copy_and_pickle(framework):
    """Copied and pickled schedulers return the same rates."""
    scheduler = backend(framework).build(warm)
    for again in (copy.deepcopy(scheduler), pickle.loads(pickle.dumps(scheduler))):
        assert [float(again(t)) for t in range(1, 25)] == [float(scheduler(t)) for t in range(1, 25)]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_an_object_that_is_not_a_schedule_is_refused(framework):
    """A number raises TypeError."""
    built = backend(framework)
    with pytest.raises(TypeError, match=r"not a schedule: 0\.3"):
        built.observe(0.3, 5, build=lambda schedule, *rest: built.Specified(*rest, schedule))  # noqa: PLW0108


def test_called_collects_only_the_classes_that_are_called():
    """`collect_classes` collects the classes that are called, not those that are only built."""
    from mxnet.lr_scheduler import CosineScheduler, PolyScheduler

    original = CosineScheduler.__call__
    with collect_classes("mxnet") as names:
        PolyScheduler(20)
        CosineScheduler(20)(1)
    assert names == {"CosineScheduler"}
    assert CosineScheduler.__call__ is original


def test_backend_names():
    """An unknown name raises ValueError."""
    with pytest.raises(ValueError, match="framework must be one of mxnet, torch, tensorflow, got 'pytroch'"):
        backend("pytroch")
    assert issubclass(FrameworkMissingError, ImportError)
