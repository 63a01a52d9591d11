"""Tests the results of a run's final weights, and of their mean over the last epochs, in its record."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from frameworks import FRAMEWORKS, backend
from frameworks.weights import SHAPES, compute_digest, draw_first_weights
from reproduce.trainer import averaging
from reproduce.trainer.errors import CheckpointError


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_evaluation_of_an_untrained_network(framework, images):
    """With weights of 0, all classes are equally likely, the loss is ln 10, and the first class is predicted."""
    ported = backend(framework)
    place = ported.choose_device("cpu")
    net = ported.build_lenet({name: np.zeros_like(array) for name, array in draw_first_weights(0).items()}, place)
    pauses = []
    evaluation = ported.evaluate(net, images.training, place, lambda: pauses.append(1))
    assert evaluation.loss == pytest.approx(math.log(10), rel=2e-6)  # MXNet's logarithm has an error of 1.3e-6
    assert (evaluation.correct, len(pauses)) == (int((images.training[1] == 0).sum()), 1)


def test_evaluations_of_all_frameworks_agree(images):
    """They also agree where the last batch is smaller; a mean of the means of batches would be wrong."""
    data = tuple(np.concatenate([part] * 3) for part in images.training)  # 2,592 images: batches of 1,000 and of 592
    wholes, halves = [], []
    for framework in FRAMEWORKS:
        ported = backend(framework)
        place = ported.choose_device("cpu")
        net = ported.build_lenet(draw_first_weights(3), place)
        wholes.append(ported.evaluate(net, data, place))
        halves.append(ported.evaluate(net, images.training, place))
    np.testing.assert_allclose([whole.loss for whole in wholes], wholes[0].loss, rtol=1e-5)
    np.testing.assert_allclose([half.loss for half in halves], wholes[0].loss, rtol=1e-5)
    assert [whole.correct for whole in wholes] == [3 * half.correct for half in halves] == [wholes[0].correct] * 3


def test_the_mean_of_weights(tmp_path):
    hashes = []
    for epoch, value in ((2, 1.0), (3, 2.0), (4, 6.0)):
        weights = {name: np.full(shape, value, np.float32) for name, shape in SHAPES.items()}
        averaging.save(weights, epoch, tmp_path)
        hashes.append(compute_digest(weights.values()))
    assert {float(array.mean()) for array in averaging.compute_mean(2, hashes, tmp_path).values()} == {3.0}
    assert {float(array.mean()) for array in averaging.compute_mean(3, hashes[1:], tmp_path).values()} == {4.0}
    with pytest.raises(CheckpointError, match=r"epoch-001.safetensors: no such file; --average-from 1 needs"):
        averaging.check(1, 4, tmp_path)
    with pytest.raises(CheckpointError, match=r"epoch-003.safetensors: cannot be read: SHA-256 of its weights is "):
        averaging.compute_mean(2, [hashes[0], "0" * 64, hashes[2]], tmp_path)
    (tmp_path / "weights" / "epoch-003.safetensors").write_bytes(b"not weights")
    with pytest.raises(CheckpointError, match=r"epoch-003.safetensors: cannot be read"):
        averaging.compute_mean(2, hashes, tmp_path)


def test_final_and_averaged_weights_of_a_run(short_run, tmp_path):
    """The mean of the last epoch alone equals its weights: both entries agree in every digit."""
    assert short_run("torch", "last", "--average-from", "3") == 0
    last = json.loads((tmp_path / "last/record.json").read_text())
    assert last["averaged"] == last["final"] | {"from_epoch": 3}
    assert last["final"]["test_accuracy"] == last["epochs"][-1]["test_accuracy"]
    assert short_run("torch", "mean", "--average-from", "2") == 0
    mean = json.loads((tmp_path / "mean/record.json").read_text())
    assert mean["final"] == last["final"]
    assert mean["averaged"]["test_loss"] != mean["final"]["test_loss"]
    assert mean["last_weights_sha256"] == last["last_weights_sha256"] == last["epochs"][-1]["weights_sha256"]


def test_averaging_is_refused_without_the_weights(short_run, tmp_path, capsys):
    with pytest.raises(SystemExit):
        short_run("torch", "a", "--average-from", "4")
    assert capsys.readouterr().err.endswith("argument --average-from: must be at most --epochs, 3, got 4\n")
    assert short_run("torch", "b", epochs=2) == 0
    assert short_run("torch", "b", "--average-from", "1", "--resume", "auto", epochs=3) == 6
    assert "epoch-001.safetensors: no such file; --average-from 1 needs the weights" in capsys.readouterr().err
