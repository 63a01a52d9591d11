"""Tests training with reduce on plateau, and the deeper networks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from frameworks import FRAMEWORKS, backend
from frameworks.schedule import Constant, ReduceOnPlateau, write
from reproduce import train
from reproduce.study.schedules import PlannedSchedule
from reproduce.trainer import deep, experiment
from reproduce.trainer import run as running
from reproduce.trainer.manifest import read_record
from reproduce.trainer.rates import expand_rates
from tests.harness.kills import read_final_state

#: Nearly every epoch is bad, so the rate is halved again and again.
RULE = ReduceOnPlateau(base_lr=0.1, factor=0.5, patience=0, threshold=0.9, min_lr=0.02)


@pytest.fixture
def small(images, monkeypatch, tmp_path):
    """Trains on the small images, four updates an epoch, in an empty folder."""
    for module in (running, deep):
        monkeypatch.setattr(module, "load", lambda folder, offline: images)
    monkeypatch.setattr(experiment, "EPOCH", 4)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_reduce_on_plateau_is_trained_with(framework, small, stopped_at, tmp_path, capsys):
    """The rates are those of the rule, and those of the back end's scheduler for the same losses; also continued."""
    write(RULE, "rule.json")

    def fit(out, *arguments):
        return train.main(["--schedule", "rule.json", "--framework", framework, "--epochs", "4", "--device", "cpu",
                           "--quiet", "--no-figure", "--out", out, *arguments])

    assert fit("whole") == 0
    made = read_record(tmp_path / "whole" / "record.json")
    losses = [epoch["train_loss"] for epoch in made["epochs"]]
    expected = [RULE.lr(losses[:number]) for number in range(4)]
    assert len(set(expected)) > 2
    assert [epoch["rate"] for epoch in made["epochs"]] == np.float32(expected).astype(float).tolist()
    assert expand_rates(made)[0].tolist() == [4 * number for number in range(4)
                                              if not number or expected[number] != expected[number - 1]]
    applied = backend(framework).observe_plateau(RULE, losses[:-1]).applied
    assert applied[:, 0].tolist() == np.float32(expected).tolist()
    stopped_at("count_update", 6)
    assert fit("parts") == 143
    assert fit("parts", "--resume", "auto") == 0
    assert read_final_state(tmp_path / "parts") == read_final_state(tmp_path / "whole")
    with pytest.raises(SystemExit) as ended:
        fit("other", "--lr", "0.2")
    assert ended.value.code == 2
    assert "rule.json: must be a function of t, not a reduce_on_plateau; change the file" in capsys.readouterr().err


def build_deep(rate, depth):
    return PlannedSchedule(name="deep", schedule={"kind": "constant", "base_lr": rate}, depth=depth).build_experiment()


def test_a_network_with_five_layers_is_lenet(small, tmp_path):
    """It is trained to the same bits as by the chapter's command; one of seven layers has a distance for each."""
    arguments = ["--framework", "torch", "--epochs", "2", "--seed", "3", "--device", "cpu", "--quiet", "--no-figure"]
    write(Constant(base_lr=0.1), "rate.json")
    assert train.main(["--schedule", "rate.json", "--per", "epoch", "--out", "usual", *arguments]) == 0
    for depth in (5, 7):
        assert deep.main(build_deep(0.1, depth), [*arguments, "--out", f"deep{depth}"]) == 0
    usual, five, seven = (read_record(tmp_path / name / "record.json") for name in ("usual", "deep5", "deep7"))
    assert five["first_weights_sha256"] == usual["first_weights_sha256"]
    assert five["last_weights_sha256"] == usual["last_weights_sha256"] != seven["last_weights_sha256"]
    assert (five["final"], five["schedule"]) == (usual["final"], usual["schedule"])
    assert list(seven["distances"]) == ["convolution1", "convolution2", *(f"dense{number}" for number in range(1, 6))]
    assert {len(values) for values in seven["distances"].values()} == {2}
    assert min(min(values) for values in seven["distances"].values()) > 0
    assert json.loads(seven["command"].split("'")[1])["depth"] == 7


def test_distances_are_relative_to_the_first_weights():
    first = {"dense1.weight": np.array([[3.0, 4.0]]), "dense1.bias": np.array([1.0])}
    moved = {"dense1.weight": np.array([[3.0, 5.0]]), "dense1.bias": np.array([9.0])}
    assert deep.measure_distances(moved, first) == {"dense1": 0.2}


def test_a_deep_run_that_diverges_ends_with_3(small, capsys):
    arguments = ["--framework", "torch", "--epochs", "2", "--device", "cpu", "--quiet"]
    assert deep.main(build_deep(1e30, 6), [*arguments, "--out", "run"]) == 3
    message = "diverged: a loss or a weight is not finite any more in epoch 1"
    assert capsys.readouterr().err == f"{message}\n"
    assert json.loads(Path("run/record.json").read_text())["diverged"] == message
    for more in (["--framework", "mxnet"], ["--average-from", "1"], ["--lr", "1"], ["--tensorboard"],
                 ["--checkpoint-every", "5"]):
        with pytest.raises(SystemExit) as ended:
            deep.main(build_deep(0.1, 6), [*arguments, *more])
        assert ended.value.code == 2


def test_a_deep_run_that_has_ended_is_kept(small, monkeypatch, capsys):
    """With --resume auto its record is reused, also one that diverged; otherwise, or for another run, it is refused."""
    arguments = ["--framework", "torch", "--epochs", "1", "--device", "cpu", "--quiet"]
    assert deep.main(build_deep(0.1, 6), [*arguments, "--out", "run", "--resume", "auto"]) == 0
    assert deep.main(build_deep(1e30, 6), [*arguments, "--out", "diverged"]) == 3
    first, before = capsys.readouterr(), {path: path.read_bytes() for path in Path().glob("*/record.json")}
    with monkeypatch.context() as patched:  # nothing is trained
        patched.setattr(deep, "_train", None)
        assert deep.main(build_deep(0.1, 6), [*arguments, "--out", "run", "--resume", "auto"]) == 0
        assert deep.main(build_deep(1e30, 6), [*arguments, "--out", "diverged", "--resume", "auto"]) == 3
        assert capsys.readouterr() == first
        for rate, more, code, message in (
                (0.1, [], 2, "run/record.json: there is a run already; move it away, or choose another folder with"),
                (0.1, ["--resume", "auto", "--seed", "1"], 6, "run/record.json: seed of the run is 0, expected 1"),
                (0.1, ["--resume", "auto", "--epochs", "2"], 6,
                 "run/record.json: epochs_planned of the run is 1, expected 2"),
                (0.2, ["--resume", "auto"], 6, "run/record.json: experiment of the run is 'deep-")):
            assert deep.main(build_deep(rate, 6), [*arguments, "--out", "run", *more]) == code
            (line,) = capsys.readouterr().err.splitlines()
            assert line.startswith(message)
        with pytest.raises(SystemExit) as ended:
            deep.main(build_deep(0.1, 6), [*arguments, "--out", "other", "--resume", "run"])
        assert ended.value.code == 2
    assert {path: path.read_bytes() for path in Path().glob("*/record.json")} == before
    assert not Path("other").exists()
