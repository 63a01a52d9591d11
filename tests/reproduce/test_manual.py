"""Checks the rate set by hand, as the chapter does between two trainings."""

from __future__ import annotations

import numpy as np
import pytest

from frameworks import FRAMEWORKS, backend
from frameworks.schedule import Constant, Polynomial


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("rate", [0.1, 0.7, 0.0])
def test_the_rate_set_is_the_rate_applied(rate, framework):
    """The next update applies the rate, and the framework reports it."""
    reported, applied = backend(framework).demonstrate_set_rate(rate)
    assert np.float32(reported) == np.float32(applied) == np.float32(rate)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_chapters_line(framework, run):
    """`reproduce/manual.py` prints the rate and what the next update applied."""
    result = run("reproduce/manual.py", "--framework", framework)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "learning rate is now 0.10; the next update applied 0.100000001"


def test_another_rate_is_set(run):
    result = run("reproduce/manual.py", "--framework", "torch", "--lr", "0.25")
    assert result.stdout.splitlines()[-1] == "learning rate is now 0.25; the next update applied 0.25"
    result = run("reproduce/manual.py", "--framework", "torch", "--lr", "0.001")
    assert result.stdout.splitlines()[-1] == "learning rate is now 0.001; the next update applied 0.00100000005"
    result = run("reproduce/manual.py", "--framework", "torch", "--lr", "-0.25")
    assert (result.returncode, result.stderr) == (
        2, "manual.py: argument --lr: must be a rate from 0 to 1e+37, got '-0.25'\n")


def test_gluon_refuses_beside_a_scheduler():
    """A Trainer with a scheduler raises UserWarning."""
    from mxnet import gluon

    ported = backend("mxnet")
    weight = gluon.Parameter("weight", shape=(1,))
    weight.initialize()
    trainer = gluon.Trainer([weight], "sgd", {"lr_scheduler": ported.build(Constant(base_lr=0.3))})
    with pytest.raises(UserWarning, match="mutate the value of the learning rate"):
        ported.set_rate(trainer, 0.1)


def test_keras_refuses_beside_a_schedule():
    """An optimizer with a schedule raises TypeError."""
    import keras

    ported = backend("tensorflow")
    optimizer = keras.optimizers.SGD(learning_rate=ported.build(Constant(base_lr=0.3)))
    with pytest.raises(TypeError, match="not settable"):
        ported.set_rate(optimizer, 0.1)


def test_torch_overwrites_it_with_the_next_step():
    """A scheduler replaces the rate at its next step."""
    import torch

    ported = backend("torch")
    weight = torch.zeros(1, requires_grad=True)
    weight.grad = torch.ones(1)
    optimizer = torch.optim.SGD([weight])
    scheduler = ported.build(Polynomial(base_lr=0.5, power=1.0, updates=4), optimizer)
    assert ported.set_rate(optimizer, 0.1) == 0.1
    optimizer.step()
    assert weight.item() == -np.float32(0.1)
    with pytest.warns(UserWarning, match=r"^param_groups\[0\]\['lr'\] is 0\.1, this scheduler wrote 0\.5\. Another "):
        scheduler.step()
    assert optimizer.param_groups[0]["lr"] == 0.375
