"""Tests the record of a run by hand: epochs with batches of different sizes, and a different number in every field."""

from __future__ import annotations

import itertools
import platform
from argparse import Namespace
from types import SimpleNamespace

import numpy as np
import pytest

from frameworks import FRAMEWORKS, version
from frameworks.epoch import Epoch, Evaluation
from frameworks.schedule import Constant
from frameworks.weights import compute_digest, draw_first_weights
from reproduce.trainer import checkpoint, keeper
from reproduce.trainer import record as records
from reproduce.trainer.data import FILES
from reproduce.trainer.manifest import MAX_RECORD, Manifest

WEIGHTS = [draw_first_weights(seed) for seed in range(3)]
BATCHES = [[np.array([1, 2, 0]), np.array([3])], [np.array([3, 1, 2, 0])]]
#: Three images at a loss of 1 and one at 5; then four at 0.5.
EPOCHS = [Epoch(np.array([1.0, 5.0]), np.array([0.5, 0.25]), np.array([3, 1]), 3, 7, 1.75),
          Epoch(np.array([0.5]), np.array([0.25]), np.array([4]), 1, 9, 1.25)]


def begin_record(framework="torch", seed=5, epochs=2):
    return records.build_record("cosine", "described", framework, seed, epochs, Constant(base_lr=0.5), "cuda",
                                WEIGHTS[0])


def train_once():
    record = begin_record()
    for epoch, batches, weights, seconds in zip(EPOCHS, BATCHES, WEIGHTS[1:], (1.23456, 2.5)):
        records.add(record, epoch, batches, 10, seconds, weights)
    return record


def test_every_number_of_an_epoch():
    assert train_once()["epochs"] == [
        {"updates": 2, "rate": 0.5, "train_loss": 2.0, "train_accuracy": 0.75, "test_accuracy": 0.7, "test_loss": 1.75,
         "seconds": 1.235, "batches_sha256": compute_digest(BATCHES[0]),
         "weights_sha256": compute_digest(WEIGHTS[1].values())},
        {"updates": 1, "rate": 0.25, "train_loss": 0.5, "train_accuracy": 0.25, "test_accuracy": 0.9, "test_loss": 1.25,
         "seconds": 2.5, "batches_sha256": compute_digest(BATCHES[1]),
         "weights_sha256": compute_digest(WEIGHTS[2].values())}]


def test_the_applied_rates_are_counted_over_all_epochs():
    record = train_once()
    for rates in ([0.25, 0.125], [0.125, 0.5]):
        records.add(record, Epoch(np.ones(2), np.array(rates), np.array([3, 1]), 3, 7), BATCHES[0], 10, 1.0, WEIGHTS[1])
    assert [(one["update"], one["rate"], one["bits"]) for one in record["applied_rates"]] == [
        (0, 0.5, "3f000000"), (1, 0.25, "3e800000"), (4, 0.125, "3e000000"), (6, 0.5, "3f000000")]


@pytest.mark.filterwarnings("ignore:Pydantic serializer")  # the entries are not validated here
def test_the_longest_training_fits_into_its_files():
    """Ten thousand epochs, each with all digits, four points and five listed rates, twice in a manifest."""
    record = train_once()
    long, rate = 1 / 3, {"update": 10**6, "rate": 0.30000001192092896, "bits": "3e99999a"}
    epoch = record["epochs"][0] | dict.fromkeys(("train_loss", "train_accuracy", "test_accuracy", "test_loss"), long)
    point = {"update": 10**6, "train_loss": long, "train_accuracy": long}
    record |= {"epochs": [epoch] * 10_000, "points": [point] * 40_000, "applied_rates": [rate] * 50_000}
    entry = dict.fromkeys(("file", "sha256"), "f" * 64) | {"bytes": 1, "update": 1, "seconds": long, "record": record}
    manifest = Manifest.model_construct(format=1, checkpoints=(entry, entry)).encode()
    assert len(records.format_record(record)) < MAX_RECORD
    assert len(manifest) < checkpoint.MAX_MANIFEST


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_field_of_a_run(framework, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setattr(records, "list_processors", lambda: list(range(8)))
    record = begin_record(framework)
    assert (record["seed"], record["device"], record["epochs_planned"]) == (5, "cuda", 2)
    assert record["threads"] == (8 if framework == "tensorflow" else 3)
    assert record["versions"] == {"python": platform.python_version(), "numpy": np.__version__,
                                  framework: version(framework)}
    assert version(framework) not in (np.__version__, platform.python_version())
    assert record["command"] == (
        f"python reproduce/cosine.py --framework {framework} --variant described --epochs 2 --seed 5 --device gpu")
    assert record["schedule"] == {"kind": "constant", "base_lr": 0.5}
    assert record["data_sha256"] == {file.name: file.payload for file in FILES}
    assert len(record["data_sha256"]) == 4
    assert record["first_weights_sha256"] == compute_digest(WEIGHTS[0].values())


def test_a_run_is_finished_after_its_last_epoch():
    record = begin_record()
    states = []
    for epoch, batches, weights in zip(EPOCHS, BATCHES, WEIGHTS[1:]):
        records.add(record, epoch, batches, 10, 1.0, weights)
        states.append((record["finished"], record["last_weights_sha256"]))
    assert states == [(False, compute_digest(WEIGHTS[1].values())), (True, compute_digest(WEIGHTS[2].values()))]


@pytest.mark.parametrize(("losses", "dead"), [
    ([9.0, 2.3, 2.3], True), ([2.3, 2.0, 2.0], False), ([2.313] * 3, False), ([2.311] * 3, True), ([2.293] * 3, True)])
def test_dead_is_a_median_loss_of_guessing(losses, dead):
    """ln 10 = 2.302585; the means are 4.53 and 2.1."""
    record = begin_record()
    records.add(record, Epoch(np.array(losses), np.ones(3), np.ones(3, int), 0, 0), BATCHES[0], 10, 1.0, WEIGHTS[1])
    assert record["dead"] is dead


def test_results_are_of_their_images():
    assert records.build_results(Evaluation(0.5, 3), 4, Evaluation(0.25, 9), 10) == {
        "train_loss": 0.5, "train_accuracy": 0.75, "test_loss": 0.25, "test_accuracy": 0.9}


def test_a_run_that_is_continued_twice_keeps_both_places():
    chosen = Namespace(framework="mxnet", epochs=4, seed=5)
    first = records.continue_record(train_once(), 3, chosen, "cpu(0)")
    chosen.framework, chosen.epochs = "tensorflow", 2
    second = records.continue_record(first, 7, chosen, "/GPU:0")
    assert [(one["update"], one["framework"], one["device"], list(one["versions"])[-1]) for one in second["resumed"]
            ] == [(3, "torch", "cuda", "torch"), (7, "mxnet", "cpu(0)", "mxnet")]
    assert (first["finished"], second["finished"], second["epochs_planned"]) == (False, True, 2)
    assert second["command"].endswith("--framework tensorflow --variant described --epochs 2 --seed 5 --device gpu")
    assert second["epochs"] == train_once()["epochs"]


@pytest.fixture
def new_checkpointer(monkeypatch, tmp_path):
    """Build a new_checkpointer whose clock shows 10, 11, 12, ... seconds: one more at each read."""
    clock = itertools.count(10)
    monkeypatch.setattr(keeper, "time", SimpleNamespace(perf_counter=lambda: float(next(clock))))
    backend = SimpleNamespace(read_weights=lambda net: net)
    chosen = Namespace(out=tmp_path, checkpoint_every=1)

    def make(start=None):
        return keeper.Keeper(backend, WEIGHTS[1], begin_record(), chosen, SimpleNamespace(asked=None), start)

    return make


def test_the_seconds_of_an_epoch_are_those_of_all_its_parts(new_checkpointer, tmp_path):
    """10 to 11 until the checkpoint; then 12 to 13; the second epoch 14 to 16, with a check at 15."""
    part = Epoch(EPOCHS[0].losses[:1], EPOCHS[0].rates[:1], EPOCHS[0].sizes[:1], 2, 0)
    new_checkpointer().count_update(lambda: 1.0, 0.5, lambda: part)
    start, wrong = checkpoint.load(tmp_path)
    assert (start.seconds, start.update, start.epoch.train_correct, wrong) == (1.0, 1, 2, [])
    again = new_checkpointer(start)
    rest = Epoch(EPOCHS[0].losses[1:], EPOCHS[0].rates[1:], EPOCHS[0].sizes[1:], 1, 7, 1.75)
    again.finish_epoch(rest, BATCHES[0], 10)
    again.finish_epoch(EPOCHS[1], BATCHES[1], 10)
    assert [epoch["seconds"] for epoch in again.record["epochs"]] == [2.0, 2.0]
    whole = [{key: value for key, value in epoch.items() if not key.startswith(("seconds", "weights"))}
             for epoch in again.record["epochs"]]
    assert whole == [{key: epoch[key] for key in whole[0]} for epoch in train_once()["epochs"]]


def test_the_parts_of_an_epoch_keep_their_order():
    first, second = (Epoch(np.array([loss]), np.array([rate]), np.array([size]), correct, tested, loss)
                     for loss, rate, size, correct, tested in ((1.0, 0.5, 3, 2, 0), (5.0, 0.25, 1, 1, 7)))
    whole = second.prepend(first)
    assert (whole.losses.tolist(), whole.rates.tolist(), whole.sizes.tolist()) == ([1, 5], [0.5, 0.25], [3, 1])
    assert (whole.train_correct, whole.test_correct, whole.test_loss, whole.train_loss) == (3, 7, 5.0, 2.0)
