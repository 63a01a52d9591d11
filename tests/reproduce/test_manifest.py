"""Tests the manifest of a run's checkpoints: every field is checked, and every array that the manifest names."""

from __future__ import annotations

import copy
import hashlib
import json
from argparse import Namespace

import numpy as np
import pytest
import safetensors.numpy as safetensors

from frameworks.epoch import NOTHING
from reproduce.trainer import checkpoint
from reproduce.trainer.checkpoint import Checkpoint
from reproduce.trainer.errors import CheckpointError
from reproduce.trainer.manifest import compute_json_digest
from reproduce.trainer.resume import find_checkpoint
from tests.harness.fuzz.runs import CHOSEN, ENTRIES, PART, SCHEDULE, WEIGHTS, encode_manifest, record

(ENTRY, ARRAYS), (OLDER, OLDER_ARRAYS) = ENTRIES
MANIFEST = {"format": 1, "checkpoints": [ENTRY, OLDER]}


def folder_of(tmp_path, manifest, content=ARRAYS):
    """Return a run's folder with both checkpoints."""
    folder = tmp_path / "checkpoints"
    folder.mkdir(exist_ok=True)
    (folder / ENTRY["file"]).write_bytes(content)
    (folder / OLDER["file"]).write_bytes(OLDER_ARRAYS)
    (folder / "manifest.json").write_bytes(manifest)
    return tmp_path


def leaves(value, path=()):
    """Return the path of every value that is not a filled object or list."""
    if isinstance(value, dict | list) and value:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [leaf for key, item in items for leaf in leaves(item, (*path, key))]
    return [path]


def change_value(value):
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else value[::-1] + "1" if isinstance(value, str) else 1


def change_path(data, path):
    data = copy.deepcopy(data)
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = change_value(inner[path[-1]])
    return data


def test_the_digest_is_that_of_sorted_json():
    """Computed by sha256sum of {"a": "x", "b": [1.5, null]}"""
    assert compute_json_digest({"b": [1.5, None], "a": "x"}) == (
        "99057de86ccd075101f28b7a81d40b4c42e0a51d6ec05028d159ad75bdf208c6")


def test_a_manifest_with_any_other_value_is_refused(tmp_path):
    """Changes each field of both checkpoints and of their records, and keeps the old hash."""
    sha256 = json.loads(encode_manifest(MANIFEST))["sha256"]
    assert checkpoint.load(folder_of(tmp_path, encode_manifest(MANIFEST)))[0].update == 6
    paths = leaves(MANIFEST)
    assert len(paths) > 100
    for path in paths:
        folder_of(tmp_path, json.dumps(change_path(MANIFEST, path) | {"sha256": sha256}).encode())
        with pytest.raises(CheckpointError, match=r"manifest\.json: (sha256 of its checkpoints|format 2)"):
            checkpoint.load(tmp_path)


def test_the_manifest_of_another_run_is_refused(tmp_path):
    """Its files are complete, and are those that the manifest names."""
    other = copy.deepcopy(MANIFEST)
    for entry in other["checkpoints"]:
        entry["record"]["seed"] = 1
    hashes = [json.loads(encode_manifest(data))["sha256"] for data in (MANIFEST, other)]
    for data, sha256 in ((MANIFEST, hashes[1]), (other, hashes[0]), (other, None)):
        folder_of(tmp_path, json.dumps(data | {"sha256": sha256}).encode())
        with pytest.raises(CheckpointError, match="sha256 of its checkpoints is"):
            checkpoint.load(tmp_path)
    folder_of(tmp_path, encode_manifest(other))
    with pytest.raises(CheckpointError, match="seed of the checkpoint is 1, expected 0"):
        find_checkpoint("cosine", SCHEDULE, Namespace(**vars(CHOSEN), out=tmp_path))


RECORD = ("checkpoints", 0, "record")


@pytest.mark.parametrize(("path", "value", "message"), [
    (("format",), 2, "format 2 is newer than this project's, 1: update the project"),
    (("format",), "1", "format: input should be 1"),
    (("checkpoints", 0, "update"), 7, "is of update 7, but has 6 updates"),
    (("checkpoints", 0, "update"), 5, "is of update 5, but has 6 updates"),
    (("checkpoints", 0, "bytes"), ENTRY["bytes"] + 1, f"has {ENTRY['bytes']} bytes, not {ENTRY['bytes'] + 1}"),
    (("checkpoints", 0, "sha256"), "0" * 64, f"SHA-256 is {ENTRY['sha256']}, not 0000"),
    (("checkpoints", 0, "file"), OLDER["file"], f"has {len(OLDER_ARRAYS)} bytes, not {ENTRY['bytes']}"),
    ((*RECORD, "finished"), True, "finished is True after 1 of 2 epochs"),
    ((*RECORD, "epochs"), record(2)["epochs"] + record(1)["epochs"], "finished is False after 3 of 2 epochs"),
    ((*RECORD, "applied_rates"), [], "applied_rates must increase from update 0 to one of the 3 updates"),
    ((*RECORD, "applied_rates"), [{"update": at, "rate": 0.3, "bits": "3e99999a"} for at in (0, 2, 2)], "increase"),
    ((*RECORD, "applied_rates"), [{"update": at, "rate": 0.3, "bits": "3e99999a"} for at in (0, 3)], "increase"),
    ((*RECORD, "applied_rates"), [{"update": 1, "rate": 0.3, "bits": "3e99999a"}], "increase")])
def test_what_contradicts_itself_is_refused(path, value, message, tmp_path):
    """The hash is correct, as if another program had written it."""
    data = copy.deepcopy(MANIFEST)
    *keys, last = path
    inner = data
    for key in keys:
        inner = inner[key]
    inner[last] = value
    del data["checkpoints"][1]
    folder_of(tmp_path, encode_manifest(data))
    with pytest.raises(CheckpointError) as caught:
        checkpoint.load(tmp_path)
    assert message.lower() in str(caught.value).lower()


@pytest.mark.parametrize(("name", "array", "message"), [
    ("epoch/sizes", np.array([256, 0, 96]), "counts 200 images right of 352"),
    ("epoch/correct", np.array([609]), "counts 609 images right of 608"),
    ("epoch/correct", np.array([-1]), "counts -1 images right of 608"),
    ("epoch/losses", np.array([2.0, np.inf, 1.0]), "epoch/losses has numbers that are not finite"),
    ("epoch/rates", np.array([0.3, 0.3]), r"epoch/rates must be float64 \(3,\), got float64 \(2,\)"),
    ("weights/dense1.bias", np.full(120, np.nan, np.float32), "weights/dense1.bias has numbers that are not finite"),
    ("weights/dense1.bias", np.zeros(120), "weights/dense1.bias must be float32"),
    ("weights/dense4.bias", np.zeros(1, np.float32), "weights/dense4.bias is not an array of a run")])
def test_arrays_of_no_run_are_refused(name, array, message, tmp_path):
    content = safetensors.save(dict(safetensors.load(ARRAYS)) | {name: array})
    entry = ENTRY | {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    folder_of(tmp_path, encode_manifest({"format": 1, "checkpoints": [entry]}), content)
    with pytest.raises(CheckpointError, match=message):
        checkpoint.load(tmp_path)


@pytest.mark.parametrize(("experiment", "schedule", "options", "message"), [
    ("mine", SCHEDULE, {}, "experiment of the checkpoint is 'cosine', expected 'mine'"),
    ("cosine", SCHEDULE, {"seed": 1}, "seed of the checkpoint is 0, expected 1"),
    ("cosine", SCHEDULE, {"variant": "printed"}, "variant of the checkpoint is 'described', expected 'printed'"),
    ("cosine", SCHEDULE.model_copy(update={"updates": 21}), {}, "is of another schedule: at update 6 its rate is 0.2")])
def test_a_checkpoint_of_another_run_is_refused(experiment, schedule, options, message, tmp_path):
    """The other schedule begins at the same rate."""
    folder_of(tmp_path, encode_manifest(MANIFEST))
    with pytest.raises(CheckpointError, match=message):
        find_checkpoint(experiment, schedule, Namespace(**vars(CHOSEN) | options, out=tmp_path))


def test_the_manifest_is_written_last(tmp_path, monkeypatch):
    written, replace_whole = [], checkpoint.replace_whole
    monkeypatch.setattr(checkpoint, "replace_whole", lambda path, content: (
        written.append(path.suffix), replace_whole(path, content)))
    checkpoint.save(Checkpoint(3, WEIGHTS, NOTHING, record(1), 0.25), tmp_path)
    assert written == [".safetensors", ".json"]


def test_a_run_of_more_epochs_than_requested_is_refused(tmp_path):
    entry = OLDER | {"record": record(2), "update": 6}
    folder_of(tmp_path, encode_manifest({"format": 1, "checkpoints": [entry]}))
    chosen = Namespace(**vars(CHOSEN) | {"epochs": 1}, out=tmp_path)
    with pytest.raises(CheckpointError, match="the checkpoint has 2 epochs, expected 1"):
        find_checkpoint("cosine", SCHEDULE, chosen)
    chosen.epochs = 2
    assert find_checkpoint("cosine", SCHEDULE, chosen).update == 6


def test_what_is_saved_is_what_is_loaded_and_the_last_two_are_kept(tmp_path):
    """Compares every field; the newest is first, also if two have the same update; older files are removed."""
    saved = [Checkpoint(3, WEIGHTS, NOTHING, record(1), 0.25), Checkpoint(6, WEIGHTS, PART, record(1), 1.5),
             Checkpoint(6, WEIGHTS, NOTHING, record(2), 2.5)]
    names = []
    for one in saved:
        checkpoint.save(one, tmp_path)
        found, wrong = checkpoint.load(tmp_path)
        assert (found.update, found.seconds, found.record, wrong) == (one.update, one.seconds, one.record, [])
        assert found.epoch.train_correct == one.epoch.train_correct
        assert all((found.weights[name] == WEIGHTS[name]).all() for name in WEIGHTS)
        for name in ("losses", "rates", "sizes"):
            assert getattr(found.epoch, name).tolist() == getattr(one.epoch, name).tolist()
        entries = json.loads((tmp_path / "checkpoints/manifest.json").read_text())["checkpoints"]
        names.append([entry["file"] for entry in entries])
        there = sorted(path.name for path in (tmp_path / "checkpoints").iterdir())
        assert there == ["manifest.json", *sorted(names[-1])]
        assert [entry["update"] for entry in entries] == [one.update, 3][:len(names)]
        assert [name[:25] for name in names[-1]] == [
            f"update-{entry['update']:09}-{entry['sha256'][:8]}" for entry in entries]
    assert [len(each) for each in names] == [1, 2, 2]
    assert names[0][0] == names[1][1] == names[2][1]
