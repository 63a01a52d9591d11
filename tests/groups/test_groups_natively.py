"""Tests statements of frameworks/GROUPS.md: how Gluon and Keras treat groups, and Gluon on several devices."""

from __future__ import annotations

import keras
import mxnet as mx
import numpy as np
import pytest
import tensorflow as tf
from mxnet import gluon

from frameworks.mxnet import build_groups
from frameworks.schedule import Constant, Polynomial
from frameworks.schedule.groups import ParameterGroups


def gluon_update(weight, gradient, rate, **given):
    """Return a weight after one update by Gluon's SGD, with an lr_mult or wd_mult."""
    parameter = gluon.Parameter("weight", shape=(1,), init="zeros")
    parameter.initialize()
    parameter.lr_mult, parameter.wd_mult = given.pop("lr_mult", 1.0), given.pop("wd_mult", 1.0)
    trainer = gluon.Trainer([parameter], "sgd", {"learning_rate": rate, **given})
    parameter.set_data(mx.nd.array([weight]))
    parameter.grad()[:] = gradient
    parameter.data()._fresh_grad = True
    trainer.step(1)
    return parameter.data().asscalar()


def test_gluon_multiplies_the_decay_by_wd_mult():
    assert gluon_update(1.0, 0.0, 0.5, wd=0.25, wd_mult=0.5) == 0.9375


def test_gluon_rounds_some_products_with_lr_mult_wrongly():
    rate = float(np.float32(0.5731304883956909))
    product = rate * 10.0  # exactly between two float32 numbers
    below, above = np.float32(5.7313046), np.float32(5.731305)
    assert float(above) - product == product - float(below) == 2.0**-22
    assert np.float32(product) == above
    assert -gluon_update(0.0, 1.0, rate, lr_mult=10.0) == below
    rates = np.random.default_rng(0).random(100, np.float32).tolist()
    assert 5 <= sum(-gluon_update(0.0, 1.0, rate, lr_mult=3.0) != np.float32(rate * 3.0) for rate in rates) <= 25


def keras_momenta(momentum, assign, **how):
    """Return the momentum that Keras' SGD applies in the second update; 0.25 is assigned before it, 0.5 earlier."""
    weight = tf.Variable(tf.zeros(1))
    optimizer = keras.optimizers.SGD(1.0, momentum=0.5)
    optimizer.momentum = momentum
    optimizer.build([weight])
    step = tf.function(optimizer.apply, **how) if how else optimizer.apply
    step([tf.ones(1)])
    assign(optimizer, 0.25)
    weight.assign(tf.zeros(1))
    step([tf.zeros(1)])
    return -float(weight[0])


def test_keras_cannot_schedule_a_momentum_by_itself():
    def attribute(optimizer, value):
        optimizer.momentum = value

    def variable(optimizer, value):
        optimizer.momentum.assign(value)

    assert keras_momenta(0.5, attribute) == 0.25
    assert keras_momenta(0.5, attribute, jit_compile=False) == 0.5  # the momentum with which it was traced
    assert keras_momenta(0.5, attribute, jit_compile=True) == 0.5
    assert keras_momenta(tf.Variable(0.5), variable) == 0.25
    with pytest.raises(tf.errors.OperatorNotAllowedInGraphError):
        keras_momenta(tf.Variable(0.5), variable, jit_compile=False)
    with pytest.raises(ValueError, match="`momentum` must be a float"):
        keras.optimizers.SGD(1.0, momentum=keras.optimizers.schedules.CosineDecay(0.5, 3))


def test_keras_can_schedule_one_decay_for_all_weights():
    weight, decay = tf.Variable(tf.ones(1)), tf.Variable(0.5)
    optimizer = keras.optimizers.SGD(1.0, weight_decay=decay)
    optimizer.build([weight])
    step = tf.function(optimizer.apply)
    step([tf.zeros(1)])
    decay.assign(0.25)
    step([tf.zeros(1)])
    assert float(weight[0]) == 0.5 * 0.75


def test_gluon_on_two_devices():
    """A key-value store makes the update there, and reads the momentum too. By hand: 1/2, 7/16, 6/16, 5/16, 4/16."""
    net = gluon.nn.Dense(1, in_units=1, use_bias=False)
    net.initialize(mx.init.Zero(), ctx=[mx.cpu(0), mx.cpu(1)])
    momentum = Polynomial(base_lr=0.5, final_lr=0.25, power=1, updates=4)
    trainer = build_groups(ParameterGroups(schedule=Constant(base_lr=1.0), momentum=momentum), net)
    seen = []
    for t in range(5):
        for weight, gradient in zip(net.weight.list_data(), net.weight.list_grad()):
            gradient[:] = 0.5 if t == 0 else 0.0
            weight._fresh_grad = True
        trainer.step(1)
        seen.append([float(weight.asnumpy()[0, 0]) for weight in net.weight.list_data()])
    assert trainer.trainers["default"]._update_on_kvstore
    assert np.diff([-weights[0] for weights in seen]).tolist() == [7 / 16, 42 / 256, 210 / 4096, 840 / 65536]
    assert all(one == other for one, other in seen)
