"""Tests the applied rates and the points of curves in a record: compact, exact, and readable in records of any age."""

from __future__ import annotations

import json

import numpy as np
import pytest

from frameworks import FRAMEWORKS
from frameworks.observation import format_bits
from frameworks.schedule import Constant, Cosine, Hold, InverseSquareRoot, MultiFactor, Schedule, Sequence, lrs
from reproduce.results.__main__ import RUNS
from reproduce.trainer import checkpoint
from reproduce.trainer import record as records
from reproduce.trainer.errors import OutputError
from reproduce.trainer.figures import _list_rates
from reproduce.trainer.manifest import MAX_UPDATES, RunRecord, read_record
from reproduce.trainer.rates import LISTED, add_rates, expand_rates
from tests.harness.fuzz.runs import record as build_record

COMPACT = read_record(RUNS / "square_root-mxnet-seed0-printed" / "record.json")
#: The same as an older version wrote it: without points, and with each of the 7,050 updates, at which the rate changes.
OLD = COMPACT | {"applied_rates": [{"update": t, "rate": rate, "bits": format_bits(rate)} for t, rate in zip(
    *(array.tolist() for array in expand_rates(COMPACT)))], "points": []}
EPOCH = 10


def add_epochs(schedule: Schedule, rates: np.ndarray) -> dict:
    """Return a record to which rates were added by epochs."""
    record = {"schedule": schedule.model_dump(mode="json"), "applied_rates": []}
    for first in range(0, len(rates), EPOCH):
        add_rates(record, rates[first:first + EPOCH], first)
    return record


def apply(schedule: Schedule, updates: int) -> np.ndarray:
    return lrs(schedule, updates).astype(np.float32).astype(np.float64)


def list_changes(rates: np.ndarray) -> list[tuple[int, float]]:
    return [(update, rate) for update, rate in enumerate(rates.tolist()) if not update or rate != rates[update - 1]]


@pytest.mark.parametrize(("schedule", "entries"), [
    (Constant(base_lr=0.3), 1),
    (Hold(updates=EPOCH, of=Cosine(base_lr=0.3, updates=3)), 4),
    (Hold(updates=2, of=Cosine(base_lr=0.3, updates=99)), 5 * 5),  # five changes in an epoch are listed
    (InverseSquareRoot(base_lr=0.1), 1),
    (Cosine(base_lr=0.3, updates=12), 4),  # ten changes in the first epoch, three in the second
    (Sequence(parts=[InverseSquareRoot(base_lr=0.1), Constant(base_lr=0.2)], boundaries=[20]), 2),
    (Sequence(parts=[Constant(base_lr=0.2), InverseSquareRoot(base_lr=0.1)], boundaries=[20]), 2),
    (Sequence(parts=[InverseSquareRoot(base_lr=0.1), Constant(base_lr=0.2), InverseSquareRoot(base_lr=0.1)],
              boundaries=[20, 40]), 3),
    (MultiFactor(base_lr=0.5, factor=0.5, milestones=[1, 2, 3, 4, 5, 6]), 1),  # the rest of the epoch has no changes
    (Sequence(parts=[InverseSquareRoot(base_lr=0.1), Constant(base_lr=float(np.float32(0.1 / 20**0.5))),
                     InverseSquareRoot(base_lr=0.1)], boundaries=[20, 30]), 2)])  # an epoch without a change between
def test_every_rate_can_be_read_back(schedule, entries):
    rates = apply(schedule, 5 * EPOCH)
    record = add_epochs(schedule, rates)
    assert len(record["applied_rates"]) == entries
    updates, values = expand_rates(record)
    assert [*zip(updates.tolist(), values.tolist())] == list_changes(rates)


def test_rates_that_are_not_the_schedules_are_listed():
    """One bit of one rate is another: its epoch is listed, and the other epochs are runs."""
    schedule = InverseSquareRoot(base_lr=0.1)
    rates = apply(schedule, 5 * EPOCH)
    rates[23] = np.nextafter(np.float32(rates[23]), np.float32(1))
    entries = (record := add_epochs(schedule, rates))["applied_rates"]
    assert [entry["update"] for entry in entries] == [0, *range(20, 30), 30]
    assert entries[4] == {"update": 23, "rate": rates[23], "bits": format_bits(rates[23])}
    assert list_changes(rates) == [*zip(*(array.tolist() for array in expand_rates(record)))]
    double = lrs(schedule, EPOCH)  # rates that were never rounded to float32
    assert len(add_epochs(schedule, double)["applied_rates"]) == EPOCH > LISTED


def test_an_old_record_is_read_and_its_compact_form_is_equal():
    """A record of Gluon's square root that lists 7,050 rates in 495 kB."""
    updates, rates = expand_rates(OLD)
    assert (updates.tolist(), len(OLD["applied_rates"])) == (list(range(7050)), 7050)
    assert rates.tolist() == [change["rate"] for change in OLD["applied_rates"]]
    new = {**OLD, "applied_rates": []}
    for first in range(0, 7050, 235):
        add_rates(new, rates[first:first + 235], first)
    assert new["applied_rates"] == COMPACT["applied_rates"] == [{"update": 0, "updates": 7050, "of": "schedule"}]
    assert len(records.format_record(new)) < 13_000 < 490_000 < len(records.format_record(OLD))
    assert _list_rates(RunRecord.model_validate(new) and new) == _list_rates(OLD)


RUN = {"update": 0, "updates": 3, "of": "schedule"}
CHANGE = {"update": 3, "rate": 0.25, "bits": "3e800000"}


@pytest.mark.parametrize(("changes", "message"), [
    ({"applied_rates": [RUN | {"updates": 7}]}, "applied_rates must increase from update 0 to one of the 6 updates"),
    ({"applied_rates": [RUN | {"updates": 4}, CHANGE]}, "applied_rates must increase from update 0"),
    ({"applied_rates": [RUN, RUN | {"update": 2}]}, "applied_rates must increase from update 0"),
    ({"applied_rates": [RUN | {"update": 1}]}, "applied_rates must increase from update 0"),
    ({"applied_rates": [RUN | {"of": "me"}]}, "input should be 'schedule'"),
    ({"applied_rates": [RUN | {"updates": 0}]}, "input should be greater than or equal to 1"),
    ({"points": [{"update": 1, "train_loss": 1.0, "train_accuracy": 0.5}] * 2}, "points must have increasing updates"),
    ({"points": [{"update": 1, "train_loss": 1.0, "train_accuracy": 1.5}]}, "input should be less than or equal to 1"),
    ({"lr": float("nan")}, "nan is not a json number"), ({"per": "day"}, "per: input should be 'epoch' or 'update'"),
    ({"per": "epoch"}, "schedule_file and per must stand together")])
def test_contradictions_are_refused(changes, message, tmp_path):
    good = build_record() | {"applied_rates": [RUN, CHANGE], "points": []}
    (tmp_path / "record.json").write_text(json.dumps(good))
    assert read_record(tmp_path / "record.json")["applied_rates"] == [RUN, CHANGE]
    (tmp_path / "record.json").write_text(json.dumps(good | changes))
    with pytest.raises(OutputError) as caught:
        read_record(tmp_path / "record.json")
    assert message in str(caught.value)


def test_a_run_longer_than_any_training_is_refused(tmp_path):
    """It would take much memory to read."""
    record = build_record()
    record["epochs"][0]["updates"] = 2**40
    for run in (RUN | {"updates": MAX_UPDATES + 1}, RUN | {"update": MAX_UPDATES, "updates": 1}):
        rates = [{"update": 0, "rate": 0.5, "bits": "3f000000"}] * (run["update"] > 0) + [run]
        (tmp_path / "record.json").write_text(json.dumps(record | {"applied_rates": rates}))
        with pytest.raises(OutputError, match=f"up to update {MAX_UPDATES}, got one up to {MAX_UPDATES + 1}"):
            read_record(tmp_path / "record.json")


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_points_are_the_means_so_far_also_of_a_continued_run(framework, short_run, stopped_at, monkeypatch, tmp_path):
    """The last update of an epoch has a point here, so it equals the epoch. Points change no weight."""
    def read(folder):
        return read_record(tmp_path / folder / "record.json")

    assert short_run(framework, "without") == 0
    monkeypatch.setattr(records, "POINTS", 2)
    assert short_run(framework, "whole") == 0
    whole = read("whole")
    assert [point["update"] for point in whole["points"]] == [1, 3, 5, 7, 9, 11]
    for number, epoch in enumerate(whole["epochs"]):
        at_end = whole["points"][2 * number + 1]
        assert {key: epoch[key] for key in ("train_loss", "train_accuracy")} == {
            key: at_end[key] for key in ("train_loss", "train_accuracy")}
        assert whole["points"][2 * number]["train_loss"] != at_end["train_loss"]
    monkeypatch.setattr(records, "POINTS", 3)
    assert short_run(framework, "three") == 0
    assert [point["update"] for point in read("three")["points"]] == [2, 6, 10]  # counted within an epoch
    monkeypatch.setattr(records, "POINTS", 2)
    before = read("without")
    assert before["points"] == []
    assert [epoch["weights_sha256"] for epoch in before["epochs"]] == [
        epoch["weights_sha256"] for epoch in whole["epochs"]]
    stopped_at("count_update", 6)  # after an update with a point
    assert short_run(framework, "parts") == 143
    assert [point["update"] for point in checkpoint.load(tmp_path / "parts")[0].record["points"]] == [1, 3, 5]
    assert short_run(framework, "parts", "--resume", "auto") == 0
    assert read("parts")["points"] == whole["points"]


def test_a_run_that_an_older_release_began_gets_no_points(short_run, stopped_at, monkeypatch, tmp_path):
    """Its first epochs have none, so that its figure shows the numbers after each epoch."""
    stopped_at("count_update", 6)
    assert short_run("torch", "parts") == 143
    found, _ = checkpoint.load(tmp_path / "parts")
    for key in ("points", "lr", "schedule_file", "per"):
        del found.record[key]
    checkpoint.save(found, tmp_path / "parts")
    monkeypatch.setattr(records, "POINTS", 2)
    assert short_run("torch", "parts", "--resume", "auto") == 0
    record = read_record(tmp_path / "parts/record.json")
    assert (record["points"], record["finished"]) == (None, True)
