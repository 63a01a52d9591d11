"""The study: its plans, its runner, its rows, and the numbers that a run's record has for them."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from frameworks import FRAMEWORKS, backend
from frameworks.canonical import SHAPES
from reproduce import averaging
from reproduce.errors import CheckpointError, OutputError
from reproduce.start import first_weights
from reproduce.study import rows
from reproduce.study.plan import PlanError, Trial, read_plan

PLAN = """
experiments = ["cosine"]
variants = ["described"]
frameworks = ["torch"]
seeds = {first = 7, count = 2}
epochs = 1
average_from = 1
"""
TRIAL = Trial("cosine", "described", "torch", 7, 30, 16)


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text(PLAN)
    return path


def record(accuracies=(), **changes):
    """A record with the test accuracies of its epochs."""
    epochs = [{"train_loss": 0.5, "train_accuracy": 0.75, "test_loss": 0.25, "test_accuracy": accuracy, "seconds": 2.5,
               "weights_sha256": f"{number:064x}"} for number, accuracy in enumerate(accuracies, 1)]
    final = {"train_loss": 0.125, "train_accuracy": 0.875, "test_loss": 0.25, "test_accuracy": 0.625}
    return {"epochs": epochs, "diverged": None, "dead": False, "first_weights_sha256": "a" * 64, "data_sha256": {},
            "last_weights_sha256": "b" * 64, "schedule": {}, "threads": 1, "resumed": [], "final": final,
            "averaged": None, "versions": {"python": "3.11", "numpy": "1.26", "torch": "2.14"}} | changes


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_evaluation_of_a_network_that_knows_nothing(framework, images):
    """Weights of 0: every class is as likely, the loss ln 10, and the first class the answer."""
    ported = backend(framework)
    place = ported.chosen_device("cpu")
    net = ported.lenet({name: np.zeros_like(array) for name, array in first_weights(0).items()}, place)
    pauses = []
    found = ported.evaluate(net, images.training, place, lambda: pauses.append(1))
    assert found.loss == pytest.approx(math.log(10), rel=2e-6)  # MXNet's logarithm is 1.3e-6 off
    assert (found.correct, len(pauses)) == (int((images.training[1] == 0).sum()), 1)


def test_evaluations_of_all_frameworks_agree(images):
    """Also where the last batch is smaller, which a mean of the batches' means would get wrong."""
    data = tuple(np.concatenate([part] * 3) for part in images.training)  # 2,592 images: batches of 1,000 and of 592
    found, halves = [], []
    for framework in FRAMEWORKS:
        ported = backend(framework)
        place = ported.chosen_device("cpu")
        net = ported.lenet(first_weights(3), place)
        found.append(ported.evaluate(net, data, place))
        halves.append(ported.evaluate(net, images.training, place))
    np.testing.assert_allclose([one.loss for one in found], found[0].loss, rtol=1e-5)
    np.testing.assert_allclose([one.loss for one in halves], found[0].loss, rtol=1e-5)
    assert [one.correct for one in found] == [3 * one.correct for one in halves] == [found[0].correct] * 3


def test_the_mean_of_weights(tmp_path):
    for epoch, value in ((2, 1.0), (3, 2.0), (4, 6.0)):
        averaging.save({name: np.full(shape, value, np.float32) for name, shape in SHAPES.items()}, epoch, tmp_path)
    assert {float(array.mean()) for array in averaging.mean(2, 4, tmp_path).values()} == {3.0}
    assert {float(array.mean()) for array in averaging.mean(3, 4, tmp_path).values()} == {4.0}
    with pytest.raises(CheckpointError, match=r"epoch-001.safetensors: no such file; --average-from 1 needs"):
        averaging.mean(1, 4, tmp_path)
    (tmp_path / "weights" / "epoch-003.safetensors").write_bytes(b"not weights")
    with pytest.raises(CheckpointError, match=r"epoch-003.safetensors: cannot be read"):
        averaging.mean(2, 4, tmp_path)


def test_final_and_averaged_weights_of_a_run(short_run, tmp_path):
    """The last epoch alone is no mean: both are the same, to the last digit."""
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


def test_outcomes_of_a_row():
    accuracies = [0.5, 0.5, 0.5, 0.5, 0.8125] + [0.75] * 14 + [0.75, 0.875] + [0.75] * 8 + [0.5]
    row = rows.row_of(TRIAL, record(accuracies), "c0ffee")
    assert row["test_accuracy_5"] == "0.8125"
    assert float(row["roughness_20_30"]) == (0.125 + 0.125 + 0.25) / 10  # from epoch 20 on: up, down, and down at 30
    assert (row["final_test_accuracy"], row["final_train_accuracy"], row["seconds"]) == ("0.625", "0.875", "75.0")
    assert (row["weights_sha256_1"], row["averaged_from"], row["commit"]) == (f"{1:064x}", "", "c0ffee")
    assert rows.curve_of(TRIAL, record([0.5, 0.8125]))["test_correct"] == [5000, 8125]


def test_rows_of_runs_that_failed_to_learn():
    dead = rows.row_of(TRIAL, record([0.1], dead=True) | {"epochs": [
        {"train_loss": loss, "train_accuracy": 0.1, "test_loss": 2.3, "test_accuracy": 0.1, "seconds": 1.0,
         "weights_sha256": "d" * 64} for loss in (2.31, 2.315, 2.3)]}, "c")
    assert (dead["dead"], dead["stalled_epochs"]) == ("1", "2")  # ln 10 = 2.3026; 2.315 is farther than .01
    diverged = rows.row_of(TRIAL, record(diverged="diverged: the loss of update 3 is nan", final=None), "c")
    assert (diverged["dead"], diverged["final_test_accuracy"], diverged["printed_train_loss"]) == ("1", "", "")


def test_rows_are_added_once_and_merge_in_any_order(tmp_path):
    other = Trial("cosine", "described", "torch", 8, 30, 16)
    for trial in (TRIAL, other, TRIAL):
        rows.add(trial, record([0.5]), tmp_path, "c")
    head, *lines = (tmp_path / "runs.csv").read_text().splitlines()
    assert (len(lines), len((tmp_path / "curves.jsonl").read_text().splitlines())) == (2, 2)
    (tmp_path / "runs.csv").write_text("\n".join([head, lines[1], lines[0], lines[1], head, ""]))
    assert set(rows.read_rows(tmp_path)) == {TRIAL.key, other.key}


def test_two_results_of_one_run_are_refused(tmp_path):
    rows.add(TRIAL, record([0.5]), tmp_path, "c")
    text = (tmp_path / "runs.csv").read_text()
    (tmp_path / "runs.csv").write_text(text + text.splitlines()[1].replace("b" * 64, "c" * 64) + "\n")
    with pytest.raises(OutputError, match=r"runs.csv: line 3: cosine described torch 7 30 ended with other weights"):
        rows.read_rows(tmp_path)
    (tmp_path / "runs.csv").write_text(text[:-40])
    with pytest.raises(OutputError, match=r"runs.csv: line 2 must have the 35 columns of this project, got 31"):
        rows.read_rows(tmp_path)


def test_every_row_is_of_the_registered_protocol():
    """The protocol is not changed once there are rows: its hash stands in each of them."""
    found = rows.read_rows(rows.HERE)
    assert {row["protocol_sha256"] for row in found.values()} <= {rows.protocol_sha256()}
    assert len((rows.HERE / "curves.jsonl").read_text().splitlines()) == len(found) if found else True


@pytest.mark.parametrize(("change", "message"), [
    (("cosine", "cosin"), "experiments must be of constant, square_root, "),
    (('["torch"]', '["torch", "torch"]'), "frameworks must be different, got torch, torch"),
    (('"torch"', '"pytroch"'), "frameworks.0: input should be 'mxnet', 'torch' or 'tensorflow'"),
    (("epochs = 1", "epochs = 0"), "epochs: input should be greater than or equal to 1"),
    (("average_from = 1", "average_from = 2"), "average_from must be at most epochs, 1, got 2"),
    (("first = 7", "first = 2147483647"), "seeds must be at most 2147483647, got 2147483648"),
    (("epochs = 1", "epoch = 1"), "epochs: field required"),
    (("count = 2", "count = "), "cannot be read: Invalid value"),
    (('"cosine"', '"factor"'), None),
])
def test_mistakes_in_a_plan(change, message, plan, run):
    plan.write_text(PLAN.replace(*change))
    if message is None:
        plan.write_text(plan.read_text().replace("described", "printed"))
        message = "the book prints no training of factor: take it out of a plan with variant printed"
    with pytest.raises(PlanError) as caught:
        read_plan(plan)
    assert str(caught.value).startswith(f"{plan}: ")
    assert message in str(caught.value)


def test_the_plans_are_those_of_the_protocol():
    plans = {path.stem: read_plan(path).trials() for path in (rows.HERE / "plans").glob("*.toml")}
    assert {name: len(trials) for name, trials in plans.items()} == {
        "chapter": 300, "chapter_more": 120, "chapter_others": 120}
    every = [trial.key for trials in plans.values() for trial in trials]
    assert len(set(every)) == len(every)
    assert min(int(key[3]) for key in every) == 100
