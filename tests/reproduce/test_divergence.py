"""Tests which message and which files a training leaves when its loss or its rate is not finite."""

from __future__ import annotations

import json
from argparse import Namespace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from frameworks.epoch import Epoch
from frameworks.schedule import Constant
from frameworks.weights import SHAPES, draw_first_weights
from reproduce.trainer import checkpoint
from reproduce.trainer import record as records
from reproduce.trainer.errors import DivergedError
from reproduce.trainer.keeper import Keeper
from reproduce.trainer.stopping import Stopping


@pytest.fixture
def keeper(tmp_path):
    """Return the checkpointer of a run of one epoch of 4 updates, whose losses the test sets."""
    weights = draw_first_weights(0)
    record = records.build_record("mine", "described", "torch", 0, 2, Constant(base_lr=0.1), "cpu", weights)
    return Keeper(SimpleNamespace(read_weights=lambda net: net), weights, record,
                  Namespace(out=tmp_path, checkpoint_every=1), Stopping(), None)


def read_messages(keeper, losses, rate=0.2):
    for made in range(1, len(losses) + 1):
        part = Epoch(np.array(losses[:made]), np.full(made, rate), np.full(made, 8), 3, 0)
        keeper.count_update(partial(float, losses[made - 1]), rate, lambda part=part: part)
    return part


def test_a_loss_that_is_none_stops_within_an_update(keeper, tmp_path):
    with pytest.raises(DivergedError) as caught:
        read_messages(keeper, [2.0, 1.5, np.inf, 1.0, 1.0])
    message = "diverged: the loss of update 2 is inf, after update 1 at rate 0.2; the last finite loss was 1.500"
    assert (str(caught.value), keeper.update) == (message, 3)
    assert json.loads((tmp_path / "record.json").read_text())["diverged"] == message
    found, wrong = checkpoint.load(tmp_path)  # the last checkpoint with a finite loss
    assert (found.update, found.epoch.losses.tolist(), wrong) == (2, [2.0, 1.5], [])


def test_the_last_finite_loss_may_be_of_the_epoch_before(keeper):
    keeper.finish_epoch(read_messages(keeper, [2.0, 1.5]), [np.arange(8)] * 2, 10)
    with pytest.raises(DivergedError, match=r"loss of update 2 is nan, after update 1 at rate 0.2; .* was 1.500$"):
        read_messages(keeper, [np.nan, 1.0])


@pytest.mark.parametrize(("losses", "rate", "said"), [
    ([np.inf], 0.1, "diverged: the loss of update 0 is inf"), ([1.0], np.nan, "diverged: the rate of update 0 is nan")])
def test_the_first_may_be_none(losses, rate, said, keeper):
    with pytest.raises(DivergedError) as caught:
        keeper.finish_epoch(read_messages(keeper, losses, rate), [np.arange(8)], 10)
    assert str(caught.value) == said


def test_weights_that_are_not_finite_are_never_saved(keeper, tmp_path):
    part = read_messages(keeper, [2.0, 1.5])
    before = sorted(path.name for path in (tmp_path / "checkpoints").iterdir())
    keeper.net = {name: np.full(shape, np.nan, np.float32) for name, shape in SHAPES.items()}
    with pytest.raises(DivergedError,
                       match=r"weights are not finite any more, after update 1 at rate 0.2; .* was 1.500$"):
        keeper.finish_epoch(part, [np.arange(8)] * 2, 10)
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == before
