"""Runs the porting guide's code that transfers a Gluon training, in the three frameworks."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from mxnet import gluon
from mxnet.lr_scheduler import FactorScheduler, MultiFactorScheduler

import frameworks.mxnet
import frameworks.tensorflow
import frameworks.torch
from frameworks.schedule import MultiFactor, Shift
from parity.pages.guide.epochs import CODE, run_code

SCHEDULE = MultiFactor(base_lr=0.5, factor=0.1, milestones=[5, 10])
GRADIENTS = {"b": np.array([1.0, -2.0], np.float32), "a": np.array([0.5], np.float32)}
START = 7


class GluonTraining:
    """Two weights with constant gradients, trained with momentum; the Trainer sorts them by name."""

    def __init__(self, scheduler):
        self.parameters = {name: gluon.Parameter(name, shape=gradient.shape, init="zeros")
                           for name, gradient in GRADIENTS.items()}
        for name, parameter in self.parameters.items():
            parameter.initialize()
            parameter.grad()[:] = GRADIENTS[name]
        self.trainer = gluon.Trainer(self.parameters, "sgd", {"momentum": 0.9, "lr_scheduler": scheduler})

    def updates(self, n):
        for _ in range(n):
            for parameter in self.parameters.values():
                parameter.data()._fresh_grad = True
            self.trainer.step(1)
        return {name: parameter.data().asnumpy() for name, parameter in self.parameters.items()}


@pytest.fixture
def gluon_run(tmp_path):
    """Return a Gluon training's weights after 7 updates, the file of its arrays, its weights 3 and 6 updates later."""
    training = GluonTraining(frameworks.mxnet.build(SCHEDULE))
    weights = training.updates(START)
    training.trainer.save_states(str(tmp_path / "trainer.states"))
    ordered = [training.parameters[name] for name in sorted(training.parameters)]
    run_code("from_gluon")["save_arrays"](tmp_path / "trainer.states", ordered, tmp_path / "arrays.npz")
    return weights, tmp_path / "arrays.npz", training.updates(3), training.updates(3)


def in_torch(weights, file, updates):
    parameters = {name: torch.nn.Parameter(torch.from_numpy(weight.copy())) for name, weight in weights.items()}
    optimizer = torch.optim.SGD(parameters.values(), lr=1.0, momentum=0.9)
    made = run_code("to_torch")["load_arrays"](file, parameters, optimizer, SCHEDULE.lr(START))
    assert made == START
    scheduler = frameworks.torch.build(Shift(by=made, of=SCHEDULE), optimizer)
    for _ in range(updates):
        for name, parameter in parameters.items():
            parameter.grad = torch.from_numpy(GRADIENTS[name])
        optimizer.step()
        scheduler.step()
    return {name: parameter.detach().numpy() for name, parameter in parameters.items()}


def in_keras(weights, file, updates):
    variables = [keras.Variable(weight, dtype="float32") for weight in weights.values()]
    optimizer = keras.optimizers.SGD(frameworks.tensorflow.build(SCHEDULE), momentum=0.9)
    optimizer.build(variables)
    run_code("to_keras")["load_arrays"](file, list(weights), optimizer)
    assert int(optimizer.iterations) == START
    for _ in range(updates):
        optimizer.apply([tf.constant(GRADIENTS[name]) for name in weights], variables)
    return dict(zip(weights, (np.array(variable) for variable in variables)))


def apart(one, other):
    return max(np.abs(one[name] / other[name] - 1).max() for name in one)


def test_a_gluon_training_continues_in_torch_and_keras(gluon_run):
    weights, file, soon, later = gluon_run
    assert apart(in_torch(weights, file, 3), soon) < 1e-6
    assert apart(in_keras(weights, file, 3), soon) < 1e-6
    assert apart(in_keras(weights, file, 6), later) < 1e-6


def test_past_a_drop_torch_moves_otherwise(gluon_run):
    weights, file, _, later = gluon_run
    assert apart(in_torch(weights, file, 6), later) > 1e-2


def test_without_the_division_or_by_index_it_is_wrong(gluon_run, tmp_path):
    weights, file, soon, _ = gluon_run
    arrays = dict(np.load(file))
    np.savez(tmp_path / "wrong.npz", **arrays | {name: -arrays[name] for name in weights})
    assert apart(in_torch(weights, tmp_path / "wrong.npz", 3), soon) > 1e-2
    assert list(weights) == ["b", "a"]  # the Trainer has another order
    assert arrays["a"].shape == (1,)


def test_loaded_states_bring_their_scheduler(tmp_path):
    training, other = (GluonTraining(MultiFactorScheduler([5], 0.5, base_lr=rate)) for rate in (0.5, 0.1))
    training.updates(START)
    training.trainer.save_states(str(tmp_path / "states"))
    other.trainer.load_states(str(tmp_path / "states"))
    other.updates(1)
    assert other.trainer.learning_rate == 0.25
    other.trainer.optimizer.lr_scheduler = FactorScheduler(100, 0.5, base_lr=0.2)
    other.updates(1)
    assert other.trainer.learning_rate == 0.2


def test_the_code_that_is_run_is_the_code_that_is_printed(root):
    folder, files = root / "frameworks", sorted(CODE.glob("*.py"))
    text = "".join(path.read_text() for path in [*folder.glob("*.md"), *folder.glob("porting/*.md")])
    assert len(files) == 10
    assert [path.name for path in files if f"```python\n{path.read_text().strip()}\n```" not in text] == []
