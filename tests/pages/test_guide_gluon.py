"""Tests statements of the porting guide about Gluon's optimizers and warm-ups on the real classes."""

from __future__ import annotations

import numpy as np
import pytest
from mxnet import gluon
from mxnet.lr_scheduler import CosineScheduler, FactorScheduler, MultiFactorScheduler

import frameworks.mxnet
from frameworks.schedule import Cosine, Factor, Sequence, Shift, Warmup, lrs
from parity.pages.guide.symptoms import SYMPTOMS
from parity.port import read_text

EARLY = next(one.fix for one in SYMPTOMS if one.seen.startswith("The rate starts one update early"))
CLIFF = next(one for one in SYMPTOMS if one.seen.startswith("A sudden drop"))
WAVE = Cosine(base_lr=0.3, final_lr=0.01, updates=20)


def weights(optimizer, **given):
    """Return one weight after each of three updates."""
    parameter = gluon.Parameter("weight", shape=(1,), init="ones")
    parameter.initialize()
    trainer, after = gluon.Trainer([parameter], optimizer, given), []
    for _ in range(3):
        parameter.grad()[:] = 0.5
        parameter.data()._fresh_grad = True
        trainer.step(1)
        after.append(parameter.data().asscalar())
    return np.array(after)


def begun_before(optimizer, **given):
    """Return the same with begin_num_update=-1, and by frameworks.mxnet.build."""
    wave = CosineScheduler(20, base_lr=0.3, final_lr=0.01)
    return (weights(optimizer, lr_scheduler=wave, begin_num_update=-1, **given),
            weights(optimizer, lr_scheduler=frameworks.mxnet.build(WAVE), **given))


@pytest.mark.parametrize("optimizer", ["sgd", "nag"])
def test_begin_num_update_of_minus_1_is_for_sgd_and_nag(optimizer):
    before, built = begun_before(optimizer, momentum=0.9)
    assert before == pytest.approx(built, rel=1e-6)
    assert weights(optimizer, lr_scheduler=CosineScheduler(20, base_lr=0.3, final_lr=0.01), momentum=0.9) != (
        pytest.approx(built, rel=1e-4))
    assert "With SGD and NAG only, `begin_num_update=-1`" in EARLY


@pytest.mark.parametrize("optimizer", ["Adam", "Adamax"])
def test_it_divides_by_zero_in_some(optimizer):
    with pytest.raises(ZeroDivisionError):
        begun_before(optimizer.lower(), learning_rate=0.3)
    assert optimizer in EARLY.split("ZeroDivisionError")[0]


@pytest.mark.parametrize("optimizer", ["LAMB", "FTML"])
def test_it_makes_nan_in_some(optimizer):
    before, built = begun_before(optimizer.lower(), learning_rate=0.3)
    assert np.isnan(before).all()
    assert np.isfinite(built).all()
    assert optimizer in EARLY.split("ZeroDivisionError")[1].split("nan")[0]


def test_it_makes_another_update_in_nadam():
    before, built = begun_before("nadam", learning_rate=0.3)
    assert np.abs(before - built).max() > 0.1
    assert EARLY.endswith("Nadam makes another update.")


def list_requested_rates(scheduler, updates=50):
    """Return the rates that a Trainer requests, counted from 1."""
    return np.array([scheduler(update + 1) for update in range(updates)])


def test_a_warm_up_that_is_counted_too_is_a_sequence_of_two_shifts():
    constructor = "FactorScheduler(3, 0.5, base_lr=1.0, warmup_steps=8)"
    assert constructor in CLIFF.code
    applied = list_requested_rates(FactorScheduler(3, 0.5, base_lr=1.0, warmup_steps=8))
    assert applied[6:10].tolist() == [0.875, 0.25, 0.25, 0.125]
    read = read_text(constructor, "mxnet").schedule
    assert isinstance(read, Sequence)
    assert [type(part) for part in read.parts] == [Shift, Shift]
    assert lrs(read, 50) == pytest.approx(applied)
    assert "[sequence](porting/sequence.md) of two shifts" in CLIFF.fix


def test_and_no_shift_of_a_warm_up_that_keeps_its_clock():
    kept = Shift(by=1, of=Warmup(updates=8, clock="keep", then=Factor(base_lr=1.0, factor=0.5, every=3)))
    assert lrs(kept, 10)[6:].tolist() == [0.875, 0.25, 0.125, 0.125]
    applied = list_requested_rates(FactorScheduler(3, 0.5, base_lr=1.0, warmup_steps=8))
    drops = [np.flatnonzero(rates[8:] < rates[7:-1]) + 8 for rates in (applied, lrs(kept, 50))]
    assert (drops[0] - 1).tolist() == drops[1].tolist()[:len(drops[0])]
    several = MultiFactorScheduler([3, 20], 0.5, base_lr=1.0, warmup_steps=8)
    assert list_requested_rates(several)[[6, 7, 19, 20]].tolist() == [0.875, 0.5, 0.5, 0.25]
    assert 'clock "keep" has each drop after it one update early' in CLIFF.fix
