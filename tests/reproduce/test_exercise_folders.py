"""Tests that no exercise trains with bad arguments or for an unusable folder, or replaces what another run wrote."""

from __future__ import annotations

import json

import pytest

from frameworks import FRAMEWORKS
from reproduce import imagenet
from reproduce.exercises import cycles, exercise
from reproduce.exercises.imagenet import checkpoint
from reproduce.exercises.sgld import chain, lenet, measured, mixture
from reproduce.study.runner import Runner
from reproduce.trainer.folder import lock_folder

NETWORK = ("--network", "resnet18", "--device", "cpu")


@pytest.fixture(params=["mixture", "lenet", "imagenet"])
def command(request, images, monkeypatch):
    """Return a command that samples or trains in torch; it must not begin in these tests."""
    for module, name in ((measured, "sample"), (chain, "sample")):
        monkeypatch.setattr(module, name, None)
    monkeypatch.setattr(lenet, "load", lambda folder, offline: images)
    main, more = {"mixture": (mixture.main, ()), "lenet": (lenet.main, ()), "imagenet": (imagenet.main, NETWORK)}[
        request.param]
    return lambda out, *arguments: main(["--framework", "torch", "--out", str(out), *more, *arguments])


def test_a_folder_that_cannot_be_used_is_one_line(command, tmp_path, capsys):
    """In /proc no file can be made, whoever tries it; a record is another run's; a locked folder is in use."""
    (tmp_path / "file").write_text("")
    (tmp_path / "record.json").write_text("{}")
    (tmp_path / "locked").mkdir()
    with lock_folder(tmp_path / "locked", ""):
        for out, message in ((tmp_path / "file/run", "cannot be written: not a directory"),
                             ("/proc", "cannot be written: "), (tmp_path, "there is a run already; move it away"),
                             (tmp_path / "locked", "another process is training in this folder")):
            assert command(out, "--dry-run") == 2
            (line,) = capsys.readouterr().err.splitlines()
            assert line.startswith(f"{out}")
            assert message in line
    assert (tmp_path / "record.json").read_text() == "{}"


@pytest.mark.parametrize("command", ["mixture", "lenet"], indirect=True)
def test_a_sampling_does_not_offer_to_continue(command, tmp_path, capsys):
    """As a training does whose checkpoints are in the folder."""
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints/manifest.json").write_text("{}")
    assert command(tmp_path, "--dry-run") == 2
    assert capsys.readouterr().err == (f"{tmp_path}/checkpoints: there are checkpoints already; move them away, or "
                                       "choose another folder with --out\n")


def test_a_script_reports_an_unusable_folder_once(tmp_path, monkeypatch, capsys):
    """Its runs have one folder: it is tried before they begin, not by each of them."""
    monkeypatch.setattr(Runner, "run", None)
    monkeypatch.setattr("reproduce.study.__main__.load", lambda folder, offline: None)
    assert exercise.main(cycles.EXERCISE, ["--study", str(tmp_path), "--out", "/proc"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("/proc: cannot be written: ")


def test_a_run_on_photos_that_was_killed_while_it_saved_is_not_replaced(tmp_path, monkeypatch, capsys):
    """The record is written before the checkpoint, so that no other run begins in the folder."""
    def stop(*arguments):
        raise KeyboardInterrupt

    arguments = ["--framework", "torch", "--out", str(tmp_path / "run"), "--side", "32", "--epochs", "1", *NETWORK]
    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, "save", stop)
        assert imagenet.main(arguments) == 130
    assert len(json.loads((tmp_path / "run/record.json").read_text())["epochs"]) == 1
    assert imagenet.main(arguments) == 2
    assert "there is a run already" in capsys.readouterr().err


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_lenets_command_writes_a_record(framework, images, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(lenet, "load", lambda folder, offline: images)
    assert lenet.main(["--framework", framework, "--dry-run", "--device", "cpu", "--out", str(tmp_path / "run")]) == 0
    record = json.loads((tmp_path / "run/record.json").read_text())
    assert (record["samples"], record["averaged"], record["dry_run"]) == (1, 1, True)
    assert [record[key] for key in ("average", "weighted")] == [pytest.approx(record["last"])] * 2
    assert capsys.readouterr().out.count("predictions ") == 3


@pytest.mark.parametrize(("arguments", "message"), [
    (["--side", "31"], "--side: must be a whole number from 32 to 2048, got 31"),
    (["--batch", "100", "--devices", "100"], "--devices: must be at most 64, got 100"),
    (["--batch", "3", "--devices", "2"], "--batch: must be a multiple of --devices 2, got 3"),
    (["--schedule", "cosin"], "--schedule: must be one of constant, square_root, factor, multi_factor, polynomial, "
                              "cosine, warmup, gluoncv, got 'cosin'; did you mean 'cosine'?"),
])
def test_bad_arguments_of_the_training_on_photos(arguments, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        imagenet.main(["--framework", "torch", *arguments])
    assert (stopped.value.code, capsys.readouterr().err) == (2, f"imagenet.py: argument {message}\n")
