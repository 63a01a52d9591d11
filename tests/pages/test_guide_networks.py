"""Tests the guide's code that transfers a Gluon training, for networks with a BatchNorm and a frozen layer."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch
from mxnet import autograd, gluon, nd

import frameworks.mxnet
import frameworks.tensorflow
import frameworks.torch
from frameworks.schedule import MultiFactor, Shift
from parity.pages.guide.epochs import run_code

SCHEDULE = MultiFactor(base_lr=0.1, factor=0.1, milestones=[30])
INPUTS = np.random.default_rng(0).standard_normal((16, 3)).astype(np.float32)
TARGETS = INPUTS.sum(axis=1, keepdims=True)
#: The names of the parameters here, in Gluon, and in the two others; the first two belong to the frozen layer.
NAMES = ("frozen_weight", "frozen_bias", "norm_gamma", "norm_beta", "last_weight", "last_bias")


class GluonNetwork:
    """A frozen layer, a BatchNorm and a trained layer."""

    def __init__(self, optimizer="sgd", **given):
        self.net = gluon.nn.Sequential()
        self.net.add(gluon.nn.Dense(4, in_units=3, prefix="frozen_"), gluon.nn.BatchNorm(in_channels=4, prefix="norm_"),
                     gluon.nn.Dense(1, in_units=4, prefix="last_"))
        self.net.initialize()
        self.parameters = self.net.collect_params()
        random = np.random.default_rng(1)
        for name in NAMES:
            parameter = self.parameters[name]
            parameter.set_data(nd.array(random.standard_normal(parameter.shape)))
            if name.startswith("frozen"):
                parameter.grad_req = "null"
        self.trainer = gluon.Trainer(self.parameters, optimizer,
                                     {"lr_scheduler": frameworks.mxnet.build(SCHEDULE), **given})

    def updates(self, n):
        for _ in range(n):
            with autograd.record():
                loss = ((self.net(nd.array(INPUTS)) - nd.array(TARGETS)) ** 2).mean()
            loss.backward()
            self.trainer.step(1)
        return {name: self.parameters[name].data().asnumpy() for name in NAMES}

    def saved(self, folder):
        self.trainer.save_states(str(folder / "trainer.states"))
        ordered = [self.parameters[name] for name in sorted(self.parameters.keys())]
        run_code("from_gluon")["save_arrays"](folder / "trainer.states", ordered, folder / "arrays.npz")
        return folder / "arrays.npz"


def in_torch(weights, file, updates, momentum=0.9):
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4, eps=1e-5), torch.nn.Linear(4, 1))
    parameters = dict(zip(NAMES, net.parameters()))
    for name, parameter in parameters.items():
        parameter.data = torch.from_numpy(weights[name].copy())
        parameter.requires_grad = not name.startswith("frozen")
    optimizer = torch.optim.SGD(net.parameters(), lr=1.0, momentum=momentum)
    made = run_code("to_torch")["load_arrays"](file, parameters, optimizer, SCHEDULE.lr(3))
    assert made == 3
    scheduler = frameworks.torch.build(Shift(by=made, of=SCHEDULE), optimizer)
    for _ in range(updates):
        optimizer.zero_grad()
        ((net(torch.from_numpy(INPUTS)) - torch.from_numpy(TARGETS)) ** 2).mean().backward()
        optimizer.step()
        scheduler.step()
    return {name: parameter.detach().numpy() for name, parameter in parameters.items()}


def in_keras(weights, file, updates, momentum=0.9):
    net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.BatchNormalization(epsilon=1e-5),
                            keras.layers.Dense(1)])
    net.layers[0].trainable = False
    variables = dict(zip(NAMES, [variable for layer in net.layers for variable in layer.weights[:2]]))
    for name, variable in variables.items():
        variable.assign(weights[name].T)
    optimizer = keras.optimizers.SGD(frameworks.tensorflow.build(SCHEDULE), momentum=momentum)
    optimizer.build(net.trainable_variables)
    turned = file.with_name("turned.npz")
    np.savez(turned, **{name: array.T for name, array in np.load(file).items()})
    run_code("to_keras")["load_arrays"](turned, NAMES[2:], optimizer)
    assert int(optimizer.iterations) == 3
    net.compile(optimizer, loss="mse")
    for _ in range(updates):
        net.train_on_batch(INPUTS, TARGETS)
    return {name: np.array(variable).T for name, variable in variables.items()}


@pytest.mark.parametrize("go_on", [in_torch, in_keras])
def test_a_network_with_a_batchnorm_and_a_frozen_layer_continues(go_on, tmp_path):
    training = GluonNetwork(momentum=0.9)
    weights, file = training.updates(3), training.saved(tmp_path)
    assert set(np.load(file)) == {"num_update", *NAMES[2:]}
    later, gone = training.updates(4), go_on(weights, file, 4)
    for name in NAMES:
        assert gone[name] == pytest.approx(later[name], rel=1e-4, abs=1e-5), name
    assert np.abs(later["last_weight"] - weights["last_weight"]).max() > 1e-2
    with np.load(file) as arrays:
        np.savez(file, **{name: array if name == "num_update" else 0 * array for name, array in arrays.items()})
    assert np.abs(go_on(weights, file, 4)["last_weight"] - later["last_weight"]).max() > 1e-3


@pytest.mark.parametrize("go_on", [in_torch, in_keras])
def test_sgd_without_momentum_has_its_count_alone(go_on, tmp_path):
    training = GluonNetwork()
    weights, file = training.updates(3), training.saved(tmp_path)
    assert set(np.load(file)) == {"num_update"}
    later, gone = training.updates(4), go_on(weights, file, 4, momentum=0.0)
    for name in NAMES:
        assert gone[name] == pytest.approx(later[name], rel=1e-4, abs=1e-5), name


@pytest.mark.parametrize("optimizer", ["adam", "nag", "signum"])
def test_other_optimizers_are_refused_in_a_sentence(optimizer, tmp_path):
    given = {} if optimizer == "adam" else {"momentum": 0.9}
    training = GluonNetwork(optimizer, **given)
    training.updates(1)
    with pytest.raises(ValueError, match=r"^only SGD without multi_precision is supported, got (Adam|NAG|Signum)$"):
        training.saved(tmp_path)


def test_so_are_float32_copies_of_float16_weights(tmp_path):
    weight = gluon.Parameter("weight", shape=(2,), dtype="float16", init="ones")
    weight.initialize()
    given = {"momentum": 0.9, "multi_precision": True, "lr_scheduler": frameworks.mxnet.build(SCHEDULE)}
    trainer = gluon.Trainer([weight], "sgd", given)
    weight.grad()[:] = 1
    weight.data()._fresh_grad = True
    trainer.step(1)
    trainer.save_states(str(tmp_path / "states"))
    with pytest.raises(ValueError, match=r"^only SGD without multi_precision is supported, got SGD$"):
        run_code("from_gluon")["save_arrays"](tmp_path / "states", [weight], tmp_path / "arrays.npz")
