"""Checks the promises of `build` in Gluon."""

from __future__ import annotations

import numpy as np
import pytest
from mxnet.contrib.amp.loss_scaler import LossScaler

from frameworks.mxnet import set_rate
from tests.harness.promised import SCHEDULES, WARM, compute_rates, promise
from tests.harness.promised.gluon_training import OPTIMIZERS, Training, double

STOP = 7


@promise("mxnet", "first update", "applies lr(0)", OPTIMIZERS)
def check_first(optimizer):
    for schedule in SCHEDULES:
        assert Training(schedule, optimizer).update() == double(compute_rates(schedule, 0, 1))[0]


@promise("mxnet", "update t", "applies lr(t); reading `trainer.learning_rate` changes nothing", OPTIMIZERS)
def check_each(optimizer):
    for schedule in SCHEDULES:
        training, applied = Training(schedule, optimizer), []
        for _ in range(30):
            applied.append(training.update())
            assert training.trainer.learning_rate == applied[-1][0]
        assert applied == double(compute_rates(schedule, 0, 30))


@promise("mxnet", "`learning_rate` is given beside the scheduler", "the schedule's lr(t); the number is not used",
         OPTIMIZERS)
def check_rate_beside(optimizer):
    assert Training(WARM, optimizer, learning_rate=5.0).train(8) == double(compute_rates(WARM, 0, 8))


@promise("mxnet", "`begin_num_update=t`", "the first update applies lr(t)", OPTIMIZERS)
def check_begin(optimizer):
    assert Training(WARM, optimizer, begin_num_update=4).train(8) == double(compute_rates(WARM, 4, 12))


@promise("mxnet", "parameters with `lr_mult`", "lr(t) * lr_mult; MXNet rounds some products wrongly, by 1 ULP",
         OPTIMIZERS)
def check_multiplier(optimizer):
    training = Training(WARM, optimizer)
    training.weights[1].lr_mult = 0.5
    assert training.train(8) == [[rate, rate / 2] for rate in compute_rates(WARM, 0, 8)]


@promise("mxnet", "parameters added: a second Trainer", "counts its own updates; `begin_num_update=t` gives it lr(t)",
         OPTIMIZERS)
def check_added(optimizer):
    training = Training(WARM, optimizer)
    training.train(STOP)
    assert Training(WARM, optimizer).train(3) == double(compute_rates(WARM, 0, 3))
    later = Training(WARM, optimizer, begin_num_update=training.trainer.optimizer.num_update)
    assert later.train(3) == training.train(3) == double(compute_rates(WARM, STOP, STOP + 3))


@promise("mxnet", 'a parameter is frozen for some updates (`grad_req="null"`)', "lr(t) of the Trainer's count, for "
         "the last parameter; Adam updates one parameter at a time, and applies lr(t - 1) to one before it", OPTIMIZERS)
def check_frozen(optimizer):
    for frozen in (0, 1):
        training = Training(WARM, optimizer)
        training.train(2)
        training.weights[frozen].grad_req = "null"
        training.train(2)
        training.weights[frozen].grad_req = "write"
        rates = double(compute_rates(WARM, 4, 7))
        if frozen == 0 and optimizer == "Adam":
            rates = [[late, rate] for late, rate in zip(compute_rates(WARM, 3, 6), compute_rates(WARM, 4, 7))]
        assert training.train(3) == rates


@promise("mxnet", "another scheduler beside", "not possible: an optimizer has one `lr_scheduler`. Two Trainers may "
         "share one scheduler, and each applies its own lr(t)", OPTIMIZERS)
def check_shared(optimizer):
    first, second = Training(WARM, optimizer), Training(WARM, optimizer)
    second.trainer.optimizer.lr_scheduler = first.trainer.optimizer.lr_scheduler
    assert first.train(5) == double(compute_rates(WARM, 0, 5))
    assert second.train(5) == double(compute_rates(WARM, 0, 5))
    assert first.train(5) == double(compute_rates(WARM, 5, 10))


@promise("mxnet", "the rate is set by hand: `set_learning_rate`, `set_rate`, `build_plateau`", "UserWarning, raised by "
         "MXNet as an error; lr(t) still holds", OPTIMIZERS)
def check_by_hand(optimizer):
    training = Training(WARM, optimizer)
    training.train(3)
    for set_it in (training.trainer.set_learning_rate, lambda rate: set_rate(training.trainer, rate)):
        with pytest.raises(UserWarning, match="LRScheduler of the optimizer has already been defined"):
            set_it(0.5)
    assert training.train(3) == double(compute_rates(WARM, 3, 6))


@promise("mxnet", "float64 weights; float16 weights with `multi_precision=True`", "lr(t), a float32; float16 weights "
         "round the update", ["SGD", "SGD, momentum"])
def check_types(optimizer):
    for dtype in ("float64", "float16"):
        training = Training(WARM, optimizer, multi_precision=dtype == "float16")
        for weight in training.weights:
            weight.cast(dtype)
        assert training.train(6) == double(np.array(compute_rates(WARM, 0, 6), dtype).tolist())


@promise("mxnet", "an update is skipped by mxnet.contrib.amp", "the next update applies the same lr(t)", OPTIMIZERS)
def check_skipped(optimizer):
    training = Training(WARM, optimizer)
    training.train(3)
    training.trainer._amp_loss_scaler = LossScaler()  # as amp.init_trainer sets it
    assert training.update(gradient=float("inf")) == [0.0, 0.0]
    training.trainer._amp_loss_scaler = None
    assert training.train(3) == double(compute_rates(WARM, 3, 6))


@promise("mxnet", 'gradients of several batches (`grad_req="add"`), one `trainer.step`', "applies lr(t): steps are "
         "counted, not batches", OPTIMIZERS)
def check_accumulated(optimizer):
    training = Training(WARM, optimizer)
    for weight in training.weights:
        weight.grad_req = "add"
    assert training.train(6) == double(compute_rates(WARM, 0, 6))
