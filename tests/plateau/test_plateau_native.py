"""Tests reduce on plateau in the optimizers and loops of each library, and where the built-in class differs."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

from frameworks import backend
from frameworks.schedule import Cosine, ReduceOnPlateau
from parity.cases.plateau import CASES

TORCHS, KERASES = CASES["accuracy_torch"], CASES["accuracy_keras"]


def rates(plateau, metrics, watched, optimizer):
    found = [float(optimizer.param_groups[0]["lr"])]
    for metric in metrics:
        watched.step(metric)
        found.append(float(optimizer.param_groups[0]["lr"]))
    return found


def test_it_is_a_torchs_scheduler_and_exact_with_every_optimizer():
    import torch
    from torch.optim.lr_scheduler import ReduceLROnPlateau

    ported, weight = backend("torch"), torch.nn.Parameter(torch.zeros(1))
    for plateau, optimizer in [
        (TORCHS.plateau, torch.optim.SGD([weight])),
        (TORCHS.plateau.model_copy(update={"in_cooldown": "ignore"}), torch.optim.SGD([weight])),
        (KERASES.plateau, torch.optim.SGD([weight])), (TORCHS.plateau, torch.optim.Adam([weight])),
        (TORCHS.plateau, torch.optim.SGD([weight.double().detach()])),
        (TORCHS.plateau, torch.optim.SGD([weight], lr=torch.tensor(1.0))),
        (TORCHS.plateau, torch.optim.SGD([{"params": [weight], "lr_mult": 1.0}])),
    ]:
        built = ported.build_plateau(plateau, optimizer)
        assert isinstance(built, ReduceLROnPlateau)
        found = rates(plateau, TORCHS.metrics, built, optimizer)
        assert found == np.float32([plateau.lr([]), *plateau.lrs(TORCHS.metrics)]).tolist()


def test_torchs_groups_keep_their_multipliers():
    import torch

    optimizer = torch.optim.SGD([{"params": [torch.nn.Parameter(torch.zeros(1))], "lr_mult": 0.5}])
    built = backend("torch").build_plateau(CASES["floor"].plateau, optimizer)
    assert rates(None, [1.0, 1.0], built, optimizer) == np.float32([0.05, 0.05, 0.005]).tolist()


def test_torchs_own_class_with_its_rate_in_a_tensor_is_rounded_at_each_reduction():
    import torch
    from torch.optim.lr_scheduler import ReduceLROnPlateau

    case = CASES["many_reductions_float64"]
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=torch.tensor(0.1))
    watched = ReduceLROnPlateau(optimizer, factor=0.7, patience=0, eps=0)
    found = rates(None, case.metrics, watched, optimizer)
    off = np.flatnonzero(np.float32(found) != np.float32([0.1, *case.plateau.lrs(case.metrics)]))
    assert off[0] == 5
    rounded = case.plateau.model_copy(update={"precision": "float32"})
    assert found[1:] == rounded.lrs(case.metrics).tolist()


def test_keras_own_callback_where_it_is_exact():
    import keras

    ported = backend("tensorflow")
    for name, case in CASES.items():
        own = (case.plateau.rule, case.plateau.threshold_mode, case.plateau.in_cooldown) == (
            "reaches", "absolute", "watch")
        built = ported.build_plateau(case.plateau, keras.optimizers.SGD())
        assert isinstance(built, keras.callbacks.ReduceLROnPlateau if own else ported.Plateau), name


def test_keras_own_callback_compares_what_it_is_given_and_forgets():
    import keras

    metrics = [1.0, 1.0 - 1e-9, 1.0 - 2e-9]  # all 1 in float32

    def lowest(metrics, begin=()):
        callback = keras.callbacks.ReduceLROnPlateau("loss", factor=0.1, patience=2, min_delta=0)
        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.1))
        callback.set_model(model)
        for epoch, metric in enumerate(metrics):
            if epoch in {0, *begin}:
                callback.on_train_begin()
            callback.on_epoch_end(epoch, {"loss": metric})
        return float(model.optimizer.learning_rate)

    assert lowest(metrics) == pytest.approx(0.01)
    assert lowest(np.float64(metrics)) == pytest.approx(0.1)  # np.float64 is compared in float64
    assert lowest(metrics, begin=(2,)) == pytest.approx(0.1)  # another fit starts the count again
    with pytest.raises(ValueError, match="out of range"):
        lowest([1.0, 1e300])


@pytest.mark.parametrize("case", [TORCHS, KERASES], ids=["own", "keras"])
def test_in_fit_and_in_a_second_fit(case, tmp_path):
    import keras

    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    optimizer = keras.optimizers.SGD(1.0)
    model.compile(optimizer, loss="mse")
    watched = backend("tensorflow").build_plateau(case.plateau, optimizer, monitor="told")
    found, told = [], iter(case.metrics)

    class MetricDriven(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            found.append(float(model.optimizer.learning_rate))

        def on_epoch_end(self, epoch, logs=None):
            logs["told"] = next(told)

    data = np.ones((1, 1), np.float32), np.ones((1, 1), np.float32)
    model.fit(*data, epochs=13, verbose=0, callbacks=[MetricDriven(), watched])
    saved = json.dumps(watched.state_dict())
    watched = backend("tensorflow").build_plateau(case.plateau, optimizer, monitor="told")
    watched.load_state_dict(json.loads(saved))
    model.fit(*data, epochs=17, verbose=0, callbacks=[MetricDriven(), watched])
    assert found == np.float32([case.plateau.lr([]), *case.plateau.lrs(case.metrics)])[:-1].tolist()


def test_an_epoch_without_the_metric_is_passed_over():
    import keras

    watched = backend("tensorflow").build_plateau(TORCHS.plateau, keras.optimizers.SGD())
    before = watched.state_dict()
    with pytest.warns(UserWarning, match=r"^val_loss is not in what was logged: loss$"):
        watched.on_epoch_end(0, {"loss": 1.0})
    assert watched.state_dict() == before


@pytest.mark.parametrize("case", [TORCHS, KERASES], ids=["own", "keras"])
def test_fit_with_another_optimizer_is_refused(case):
    """Its rate would never change: the model was compiled again, or it never had the optimizer."""
    import keras

    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(), loss="mse")
    watched = backend("tensorflow").build_plateau(case.plateau, model.optimizer, monitor="loss")
    watched.set_model(model)
    watched.on_train_begin()
    model.compile(keras.optimizers.SGD(), loss="mse")
    with pytest.raises(ValueError, match=r"^the model is trained with another optimizer .*after each model.compile$"):
        model.fit(np.ones((1, 1)), np.ones((1, 1)), verbose=0, callbacks=[watched])
    model.compile(keras.optimizers.LossScaleOptimizer(watched.optimizer), loss="mse")  # as in mixed precision
    watched.set_model(model)
    watched.on_train_begin()


def test_a_scheduler_beside_it_is_refused():
    import keras
    from mxnet import gluon

    with pytest.raises(TypeError, match="learning_rate"):
        backend("tensorflow").build_plateau(
            TORCHS.plateau, keras.optimizers.SGD(backend("tensorflow").build(Cosine(base_lr=0.1, updates=5))))
    scheduled = {"lr_scheduler": backend("mxnet").build(Cosine(base_lr=0.1, updates=5))}
    weight = gluon.Parameter("weight", shape=(1,), init="zeros")
    weight.initialize()
    trainer = gluon.Trainer([weight], "sgd", scheduled)
    with warnings.catch_warnings(), pytest.raises(UserWarning, match="LRScheduler"):
        backend("mxnet").build_plateau(ReduceOnPlateau(base_lr=0.1, factor=0.5, patience=1), trainer)
