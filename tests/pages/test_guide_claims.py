"""Tests statements of the porting guide on the real frameworks."""

from __future__ import annotations

from contextlib import nullcontext

import keras
import mxnet
import numpy as np
import pytest
import tensorflow as tf
import torch
from keras.optimizers.schedules import CosineDecay, LearningRateSchedule, PiecewiseConstantDecay
from mxnet.lr_scheduler import FactorScheduler
from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, LinearLR, MultiStepLR, SequentialLR, StepLR

import frameworks.tensorflow
from frameworks.schedule import Cosine, Hold, InverseSquareRoot, MultiFactor, Polynomial, Warmup, lrs
from parity.pages.guide.epochs import run_code


@pytest.mark.parametrize(("checked", "steps"), [(True, 2), (False, 3)])
def test_a_skipped_update_does_not_step_the_scheduler(checked, steps):
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer, scaler = torch.optim.SGD([weight], lr=1.0), torch.amp.GradScaler("cpu", init_scale=8.0)
    scheduler = StepLR(optimizer, 1, 0.5)
    for loss in (1.0, float("inf"), 1.0):
        optimizer.zero_grad()
        scaler.scale((weight * loss).sum()).backward()
        if checked:
            run_code("skipped_updates")["update"](scaler, optimizer, scheduler)
        else:
            scaler.step(optimizer)
            scaler.update()
            scheduler.step()
    assert scheduler.last_epoch == steps


def measure_accumulation(schedule, updates):
    """Return the rates that Keras applies in updates of four batches each, and its count before and after each."""
    variable, rates, counted = keras.Variable(np.zeros(1, np.float32)), [], []
    optimizer = keras.optimizers.SGD(schedule, gradient_accumulation_steps=4)
    optimizer.build([variable])
    for _ in range(updates):
        before = int(optimizer.iterations)
        for _ in range(4):
            optimizer.apply([tf.constant([-1.0])], [variable])
        rates.append(float(variable[0]))
        counted.append((before, int(optimizer.iterations)))
        variable.assign([0.0])
    return rates, counted


def test_keras_counts_batches_where_it_accumulates():
    class Asked(LearningRateSchedule):
        def __call__(self, step):
            return tf.cast(step, tf.float32)

    assert measure_accumulation(Asked(), 2) == ([3.0, 7.0], [(0, 1), (1, 2)])


def test_only_drops_are_right_with_numbers_times_the_batches():
    rates, _ = measure_accumulation(PiecewiseConstantDecay([4 * 15 - 1], [1.0, 0.5]), 17)
    assert rates == [1.0] * 15 + [0.5] * 2
    wave = Cosine(base_lr=0.3, updates=20)
    rates, _ = measure_accumulation(CosineDecay(np.float64(0.3), 4 * 20), 22)
    assert rates[0] == pytest.approx(wave.base_lr * (1 + np.cos(np.pi * 3 / 4 / 20)) / 2)
    assert max(abs(rate - wave.lr(t)) for t, rate in enumerate(rates)) > 0.01


@pytest.mark.parametrize("schedule", [
    Cosine(base_lr=0.3, updates=20), Warmup(updates=5, then=Polynomial(base_lr=0.5, power=2.0, updates=15)),
    MultiFactor(base_lr=1.0, factor=0.5, milestones=[15])], ids=lambda schedule: schedule.kind)
def test_a_hold_over_the_batches_is_right_for_every_schedule(schedule, root):
    rates, _ = measure_accumulation(frameworks.tensorflow.build(Hold(updates=4, of=schedule)), 22)
    assert rates == lrs(schedule, 22).astype(np.float32).tolist()
    text = (root / "frameworks/PORTING.md").read_text()
    assert "[hold](porting/hold.md) a schedule for 4 batches: `Hold(updates=4, of=schedule)` is right for" in text


def torch_rates(make, updates, lr=0.3, groups=(1.0,)):
    parameters = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": lr * share} for share in groups]
    optimizer = torch.optim.SGD(parameters, lr=lr)
    scheduler, rates = make(optimizer), []
    for _ in range(updates):
        rates.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        scheduler.step()
    return np.array(rates)


def test_what_is_left_out():
    assert torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))]).param_groups[0]["lr"] == 0.001
    assert float(keras.optimizers.SGD().learning_rate) == pytest.approx(0.01)
    assert mxnet.optimizer.SGD().learning_rate == FactorScheduler(5).base_lr == 0.01
    assert torch_rates(ConstantLR, 6)[:, 0].tolist() == pytest.approx([0.1] * 5 + [0.3])


def test_traps_of_torch():
    assert torch_rates(lambda o: MultiStepLR(o, [31 / 2], 0.5), 30).min() == 0.3
    assert torch_rates(lambda o: MultiStepLR(o, [5, 5], 0.5), 6)[-1] == pytest.approx(0.3 / 4)
    ends = torch_rates(lambda o: CosineAnnealingLR(o, 20, 0.01), 21, groups=(1.0, 0.1))[-1]
    assert ends.tolist() == pytest.approx([0.01, 0.01])
    two = torch_rates(lambda o: SequentialLR(o, [ConstantLR(o, 0.1, 100), MultiStepLR(o, [3], 0.5)], [10]), 14)[:, 0]
    assert two[[9, 10, 12, 13]].tolist() == pytest.approx([0.03, 0.3, 0.3, 0.15])
    warm = torch_rates(lambda o: SequentialLR(o, [LinearLR(o, 1 / 5, total_iters=4), ConstantLR(o, 1.0)], [4]), 6)[:, 0]
    assert warm.tolist() == pytest.approx([0.06, 0.12, 0.18, 0.24, 0.3, 0.3])


def test_traps_of_keras():
    with pytest.raises(TypeError):
        0.5 * CosineDecay(0.3, 20)
    assert float(CosineDecay(0.3, 20, alpha=0.01)(20)) == pytest.approx(0.003)
    assert [float(PiecewiseConstantDecay([0], [1.0, 0.5])(step)) for step in (0, 1)] == [1.0, 0.5]
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    told = []
    callback = keras.callbacks.LearningRateScheduler(lambda epoch: told.append(epoch) or 0.1)
    for rate in (0.3, CosineDecay(0.3, 20)):
        model.compile(optimizer=keras.optimizers.SGD(rate), loss="mse")
        for _ in range(2):
            with pytest.raises(TypeError, match="its learning rate is not settable") if rate != 0.3 else nullcontext():
                model.fit(np.ones((8, 2)), np.zeros((8, 1)), epochs=2, verbose=0, callbacks=[callback])
    assert told == [0, 1, 0, 1, 0, 0]
    decay = keras.optimizers.schedules.PolynomialDecay(0.5, 30)
    assert (float(decay(15)), float(decay(30))) == pytest.approx(((0.5 + 0.0001) / 2, 0.0001))


def test_the_transformers_rule():
    noam = Warmup(updates=16, then=InverseSquareRoot(base_lr=1.0, timescale=16))
    assert [noam.lr(t) for t in (16, 64, 256)] == [1.0, 0.5, 0.25]
    kept = noam.model_copy(update={"clock": "keep"})
    assert kept.lr(16) == pytest.approx(0.5**0.5)
