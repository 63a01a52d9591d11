"""Tests that a recording has the rates that optimizers of MXNet applied."""

from __future__ import annotations

import pickle

import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, gluon
from mxnet.contrib.amp.loss_scaler import LossScaler

from frameworks.mxnet import assert_applied, build, record
from frameworks.record_rows import RecordError
from frameworks.schedule import Cosine

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
INPUTS = mx.nd.ones((4, 3))
#: All optimizers of MXNet that run with their defaults on any weight.
OPTIMIZERS = ["sgd", "nag", "adam", "adagrad", "adadelta", "adamax", "nadam", "rmsprop", "signum", "ftrl", "ftml",
              "lamb", "lars", "dcasgd", "sgld"]


def build_training(name="sgd", devices=1, **options):
    net = gluon.nn.Dense(2, in_units=3)
    net.initialize(ctx=[mx.cpu(device) for device in range(devices)])
    return net, gluon.Trainer(net.collect_params(), name, {"lr_scheduler": build(SCHEDULE), **options})


def update(net, trainer, factor=1.0):
    devices = net.weight.list_ctx()
    with autograd.record():
        losses = [(net(INPUTS.as_in_context(device)) * factor).sum() for device in devices]
    autograd.backward(losses)
    trainer.step(4)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_any_optimizer_is_recorded(name):
    net, trainer = build_training(name)
    with record(trainer) as rates:
        for _ in range(30):
            update(net, trainer)
            rates.report(trainer.learning_rate)
    update(net, trainer)
    assert len(rates) == 30
    if name == "adadelta":  # which has no rate
        assert np.isnan(rates.read_rates()).all()
    else:
        assert_applied(rates, SCHEDULE)


def test_a_trainer_is_as_it_was_afterwards():
    before = mx.optimizer.Updater.__call__
    net, trainer = build_training()
    other, another = build_training()
    with record(trainer) as rates:
        with record(another):
            update(other, another)
        update(net, trainer)
        pickle.dumps(trainer._optimizer)
        with pytest.raises(RecordError, match="this SGD is already being recorded"):
            record(trainer)
    assert mx.optimizer.Updater.__call__ is before
    assert "_get_lrs" not in vars(trainer._optimizer)
    assert len(rates) == 1


@pytest.mark.parametrize(("options", "aggregated"), [({}, 4), ({}, 1), ({"momentum": 0.9, "multi_precision": True}, 4)])
def test_groups_are_the_multipliers(options, aggregated):
    net, trainer = build_training(**options)
    trainer._optimizer.aggregate_num = aggregated
    net.weight.lr_mult = 0.5
    with record(trainer) as rates:
        for _ in range(10):
            update(net, trainer)
    assert_applied(rates, SCHEDULE)
    assert rates.read_rates(1).tolist() == [rate * 0.5 for rate in rates.read_rates()]


def test_frozen_parameters_leave_gaps_and_no_shift():
    net, trainer = build_training()
    with record(trainer) as rates:
        for frozen in (net.weight, net.bias, net.weight, net.bias):
            frozen.grad_req = "null"
            update(net, trainer)
            frozen.grad_req = "write"
    assert len(rates) == 4
    assert "_update" not in vars(trainer)


def test_two_devices_make_one_update():
    net, trainer = build_training(devices=2)
    with record(trainer) as rates:
        for _ in range(10):
            update(net, trainer)
    assert len(rates) == 10
    assert_applied(rates, SCHEDULE)


def test_an_update_that_a_loss_scaler_skips_has_no_row():
    net, trainer = build_training()
    trainer._amp_loss_scaler = LossScaler()  # as amp.init_trainer sets it
    trainer._amp_original_scale = trainer._scale
    with record(trainer) as rates:
        for step in range(6):
            update(net, trainer, factor=float("inf") if step == 2 else 1.0)
    assert len(rates) == 5
    assert_applied(rates, SCHEDULE)


def test_a_module_and_an_estimator():
    data = mx.io.NDArrayIter(np.ones((40, 3), np.float32), np.zeros(40, np.float32), batch_size=4)
    module = mx.mod.Module(mx.sym.SoftmaxOutput(mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=2),
                                                name="softmax"))
    module.bind(data.provide_data, data.provide_label)
    module.init_params()
    module.init_optimizer(optimizer="sgd", optimizer_params={"lr_scheduler": build(SCHEDULE)})
    with record(module) as rates:
        module.fit(data, num_epoch=2, force_init=False)
    assert len(rates) == 20
    assert_applied(rates, SCHEDULE)

    from mxnet.gluon.contrib.estimator import Estimator

    net, trainer = build_training()
    loader = gluon.data.DataLoader(gluon.data.ArrayDataset(mx.nd.ones((40, 3)), mx.nd.zeros(40)), batch_size=4)
    estimator = Estimator(net, gluon.loss.SoftmaxCrossEntropyLoss(), trainer=trainer)
    with record(estimator) as rates:
        estimator.fit(loader, epochs=2)
    assert len(rates) == 20
    assert_applied(rates, SCHEDULE)


def test_the_weights_show_the_rate():
    net, trainer = build_training()
    net.weight.lr_mult = 0.5
    with record(trainer, measure=True) as rates:
        for _ in range(30):
            update(net, trainer)
    columns = rates.read_columns()
    assert columns["measured"].tolist() == columns["lr"].tolist()
    assert columns["measured_1"].tolist() == columns["lr_1"].tolist()


def test_a_gradient_of_0_shows_no_rate():
    net, trainer = build_training()
    with record(trainer, measure=True) as rates:
        update(net, trainer, factor=0.0)
        update(net, trainer)
    assert np.isnan(rates.read_columns()["measured"]).tolist() == [True, False]


def test_weights_that_do_not_follow_the_rate_are_seen():
    net, trainer = build_training()
    with record(trainer, measure=True) as rates:
        trainer._optimizer.clip_gradient = 0.25  # of the gradients of 1
        update(net, trainer)
    columns = rates.read_columns()
    assert columns["measured"][0] == pytest.approx(columns["lr"][0] / 4, rel=1e-5)


@pytest.mark.parametrize(("name", "options", "rule"), [
    ("sgd", {"momentum": 0.9}, "an SGD without momentum, got 0.9"), ("sgd", {"wd": 0.1}, "an SGD without wd, got 0.1"),
    ("sgd", {"clip_gradient": 1.0}, "an SGD without clip_gradient, got 1.0"),
    ("adam", {}, "measure needs mxnet.optimizer.SGD, whose update is rate times gradient, got Adam")])
def test_what_cannot_be_measured_is_refused(name, options, rule):
    _, trainer = build_training(name, **options)
    with pytest.raises(RecordError, match=rule):
        record(trainer, measure=True)


def test_what_is_no_trainer_is_refused():
    with pytest.raises(TypeError, match=r"trainer must be a gluon.Trainer, or a Module or Estimator .*, got Dense"):
        record(gluon.nn.Dense(2))


def test_an_optimizer_that_is_replaced_is_noticed():
    net, trainer = build_training()
    with record(trainer) as rates:
        update(net, trainer)
        other = gluon.Trainer(net.collect_params(), "adam")
        with pytest.warns(RuntimeWarning, match="update 1: another optimizer, Adam, updates the recorded parameters"):
            update(net, other)
    assert len(rates) == 1
