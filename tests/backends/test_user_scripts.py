"""Tests the back ends in a user's script: other optimizers, saving and loading, compiling."""

from __future__ import annotations

import io
import pickle

import numpy as np
import pytest

from frameworks import backend
from frameworks.schedule import Constant, Cosine, Factor, MultiFactor, Polynomial, Warmup, lrs

warm = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
drops = MultiFactor(base_lr=0.3, factor=0.5, milestones=[1, 7])


def float32(schedule, updates):
    return lrs(schedule, updates).astype(np.float32).tolist()


def test_gluon_reports_the_first_rate_before_any_update():
    from mxnet import gluon

    parameter = gluon.Parameter("w", shape=(1,), init="zeros")
    parameter.initialize()
    trainer = gluon.Trainer([parameter], "sgd", {"lr_scheduler": backend("mxnet").build(drops)})
    assert trainer.learning_rate == np.float32(0.3)


def test_gluon_adam_does_not_overwrite_the_schedule(tmp_path):
    """Adam writes its default rate into `scheduler.base_lr`; and the trainer's states contain the schedule."""
    from mxnet import gluon

    parameter = gluon.Parameter("w", shape=(1,), init="zeros")
    parameter.initialize()
    trainer = gluon.Trainer([parameter], "adam", {"lr_scheduler": backend("mxnet").build(drops)})
    rates = []
    for update in range(10):
        parameter.data()._fresh_grad = True
        trainer.step(1)
        rates.append(trainer.learning_rate)
        if update == 4:
            trainer.save_states(str(tmp_path / "states"))
            trainer.load_states(str(tmp_path / "states"))
    assert rates == float32(drops, 10)


@pytest.mark.parametrize("schedule", [warm, drops, Constant(base_lr=0.3)], ids=lambda schedule: schedule.kind)
def test_torch_resumes(schedule):
    """Follows torch's documentation: build, load the optimizer, load the scheduler; loading is safe."""
    import torch

    def begin_training():
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))])
        return optimizer, backend("torch").build(schedule, optimizer)

    def rates(optimizer, scheduler, updates):
        for _ in range(updates):
            yield np.float32(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()

    optimizer, scheduler = begin_training()
    first = list(rates(optimizer, scheduler, 6))
    file = io.BytesIO()
    torch.save({"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}, file)
    file.seek(0)
    saved = torch.load(file, weights_only=True)
    optimizer, scheduler = begin_training()
    optimizer.load_state_dict(saved["optimizer"])
    scheduler.load_state_dict(saved["scheduler"])
    assert first + list(rates(optimizer, scheduler, 20)) == float32(schedule, 26)


def test_torch_adam_gets_the_float32_rate():
    """Adam computes with the rate before it reaches a float32 weight, so no built-in class is used there."""
    import torch

    def train_model(build):
        weight = torch.nn.Parameter(torch.linspace(-1, 1, 100))
        optimizer = torch.optim.AdamW([weight])
        scheduler = build(Factor(base_lr=0.3, factor=0.9), optimizer)
        for _ in range(20):
            weight.grad = weight.detach().clone()
            optimizer.step()
            scheduler.step()
        return weight

    built = backend("torch")
    assert torch.equal(train_model(built.build),
                       train_model(lambda schedule, optimizer: built.Specified(optimizer, schedule)))


def test_torch_second_scheduler_forgets_the_first():
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=7.0)
    for schedule in (Constant(base_lr=0.5), drops, warm):
        scheduler = backend("torch").build(schedule, optimizer)
        assert np.float32(scheduler.get_last_lr()) == np.float32(schedule.lr(0))


@pytest.mark.parametrize("schedule", [warm, drops], ids=lambda schedule: schedule.kind)
def test_torch_rate_in_a_tensor(schedule):
    """torch.compile and CUDA graphs need a rate written in place; it is never computed from the rounded rate."""
    import torch

    rate = torch.tensor(1.0)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
    scheduler = backend("torch").build(schedule, optimizer)
    for t in range(25):
        assert optimizer.param_groups[0]["lr"] is rate
        assert float(rate) == np.float32(schedule.lr(t))
        optimizer.step()
        scheduler.step()


def test_torch_groups_and_pickling():
    import torch

    parameters = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    optimizer = torch.optim.Adam([{"params": parameters[:1], "lr": 1.0}, {"params": parameters[1:], "lr": 2.0}])
    scheduler = backend("torch").build(warm, optimizer)
    optimizer.step()
    scheduler.step()
    assert scheduler.get_last_lr() == [np.float32(0.06)] * 2
    again = pickle.loads(pickle.dumps(scheduler))
    again.optimizer.step()
    again.step()
    assert again.get_last_lr() == [np.float32(0.12)] * 2


@pytest.mark.parametrize("schedule", [
    Constant(base_lr=0.3), drops, warm, Factor(base_lr=0.3, factor=0.9), Polynomial(base_lr=0.3, updates=9),
], ids=lambda schedule: schedule.kind)
def test_torch_float64_weights_get_the_float32_rate(schedule):
    import torch

    weight = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    weight.grad = torch.ones(1, dtype=torch.float64)
    optimizer = torch.optim.SGD([weight])
    scheduler = backend("torch").build(schedule, optimizer)
    for t in range(12):
        weight.data.zero_()
        optimizer.step()
        scheduler.step()
        assert float(-weight.detach()) == np.float32(schedule.lr(t))


def test_keras_fit_and_reload(tmp_path):
    """After compile, fit, save and load, the saved schedule continues at the next update."""
    import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=backend("tensorflow").build(warm)), loss="mse")
    model.fit(np.zeros((7, 1)), np.zeros(7), batch_size=1, verbose=0)
    assert float(model.optimizer.learning_rate) == np.float32(warm.lr(7))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.optimizer.learning_rate.numpy() == np.float32(warm.lr(7))
    again.fit(np.zeros((3, 1)), np.zeros(3), batch_size=1, verbose=0)
    assert float(again.optimizer.learning_rate) == np.float32(warm.lr(10))
    assert model.optimizer.get_config()["learning_rate"]["config"]["schedule"].startswith('{\n  "kind": "warmup"')


def test_keras_own_class_is_exact_in_float64_only():
    """This is why every number given to Keras' classes is a numpy.float64."""
    from keras.optimizers.schedules import CosineDecay

    cosine = Cosine(base_lr=0.3, final_lr=0.01, updates=50)
    in_float32 = CosineDecay(0.3, 50, alpha=0.01 / 0.3)
    in_float64 = CosineDecay(np.float64(0.3), np.float64(50), alpha=np.float64(0.01 / 0.3))
    assert [np.float32(in_float64(t)) for t in range(50)] == float32(cosine, 50)
    assert sum(a != b for a, b in zip([np.float32(in_float32(t)) for t in range(50)], float32(cosine, 50))) > 25
