"""Tests that the pages of the exercises are current, and the tables that are made of records."""

from __future__ import annotations

import re
import shutil

import pytest

from reproduce.exercises import __main__ as command
from reproduce.exercises import exercise, page, records


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a copy of the pages, plans and records, in which the command works."""
    folder = tmp_path / "exercises"
    shutil.copytree(exercise.HERE, folder, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    monkeypatch.setattr(exercise, "HERE", folder)
    return folder


@pytest.fixture(scope="module")
def files():
    """Return the page of all exercises with its figures, which are drawn once for the tests that change other files."""
    return page.build_files(page.read_results())


def test_the_pages_are_current(folder, capsys):
    assert command.main(["results", "--check"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("file", "made", "old", "new"), [
    ("EXERCISES.md", "EXERCISES.md", "runs are made", "runs were made"),
    ("sgld/README.md", "sgld/README.md", ".104, .095", ".105, .095"),
    ("imagenet/README.md", "imagenet/README.md", "| .642 |", "| .643 |"),
    ("sgld/results/mixture-tensorflow.json", "sgld/README.md", "0.04819", "0.05819"),
    ("sgld/results/lenet-torch-seed9.json", "sgld/README.md", '"loss": 0.38', '"loss": 0.48'),
    ("imagenet/results/fashion-torch.json", "imagenet/README.md", '"base_lr": 0.1', '"base_lr": 0.2'),
])
def test_a_change_is_noticed(file, made, old, new, folder, files, monkeypatch, capsys):
    """A change of a page, or of a record from which it is made; writing it makes it current again."""
    monkeypatch.setattr(page, "build_files", lambda study: files)
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    assert command.main(["results", "--check"]) == 4
    (line,) = capsys.readouterr().out.splitlines()
    assert re.fullmatch(rf"{made} is not current from line \d+: python -m reproduce.exercises results", line)
    assert command.main(["results"]) == command.main(["results", "--check"]) == 0


@pytest.mark.parametrize(("file", "old", "message"), [
    ("sgld/README.md", "end of the distances", "no table can be made: must have each of these marks once: "),
    ("sgld/results/mixture-tensorflow.json", '"independent"', "no table can be made: 'independent'"),
    ("imagenet/results/fashion-torch.json", "{", "no table can be made: not JSON: "),
])
def test_what_has_no_table_is_one_line(file, old, message, folder, capsys):
    (folder / file).write_text((folder / file).read_text().replace(old, '"x"'))
    before = (folder / "sgld/README.md").read_bytes()
    assert command.main(["results"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{folder / file}: {message}")
    assert (folder / "sgld/README.md").read_bytes() == before


def test_records_of_several_seeds_are_named_together(folder, capsys):
    """One that lacks a measure, and none at all."""
    (file, *others), pattern = sorted((folder / "sgld/results").glob("lenet-*")), "lenet-*-seed*.json"
    file.write_text(file.read_text().replace('"calibration_error"', '"x"'))
    assert command.main(["results"]) == 2
    line = f"{folder}/sgld/results/{pattern}: no table can be made: "
    assert capsys.readouterr().err == f"{line}'calibration_error'\n"
    for record in (file, *others):
        record.unlink()
    assert command.main(["results"]) == 2
    assert capsys.readouterr().err.startswith(line)


@pytest.mark.parametrize(("old", "new", "message"), [
    ('"dry_run": false', '"dry_run": true', "dry_run must be false in all records"),
    ('"epochs": 30', '"epochs": 2', "epochs must be equal in all records"),
    ('"power": 0.55', '"power": 0.5', "schedule must be equal in all records"),
    ('"seed": 0', '"seed": 1', "must have each seed once, got torch 1 more than once"),
])
def test_a_record_of_another_kind_is_not_averaged(old, new, message, folder, capsys):
    file = folder / "sgld/results/lenet-torch-seed0.json"
    file.write_text(file.read_text().replace(old, new))
    assert command.main(["results"]) == 2
    assert capsys.readouterr().err == f"{folder}/sgld/results/lenet-*-seed*.json: no table can be made: {message}\n"


@pytest.mark.parametrize(("file", "old", "message"), [
    ("sgld/results/mixture-tensorflow.json", '"together": 0.0', "int too large to convert to float"),
    ("sgld/results/lenet-torch-seed0.json", '"loss": 0.', "int too large to convert to float"),
    ("imagenet/results/fashion-torch.json", '"updates": 120', "applied_rates must have at most 10000000 updates, got"),
    ("imagenet/results/fashion-torch.json", '"updates": 5', "warmup.updates: input should be less than or equal to "),
])
def test_a_huge_number_has_no_table(file, old, message, folder, capsys):
    """An integer that no float has, updates that no memory has, and a warm-up that is too long."""
    (folder / file).write_text((folder / file).read_text().replace(old, f"{old.split()[0]} 1{'0' * 400}", 1))
    assert command.main(["results"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f": no table can be made: {message}" in line


@pytest.mark.parametrize(("update", "message"), [
    ("-1", "applied_rates.0.run.update: input should be greater than or equal to 0"),
    ("1", "applied_rates must increase from update 0 to one of the 120 updates"),
])
def test_rates_of_other_updates_have_no_table(update, message, folder, capsys):
    """Rates before the first update, and after the last one."""
    file = folder / "imagenet/results/fashion-torch.json"
    file.write_text(file.read_text().replace('"update": 0', f'"update": {update}', 1))
    assert command.main(["results"]) == 2
    assert capsys.readouterr().err == f"{file}: no table can be made: {message}\n"


def test_the_last_rate_of_an_epoch():
    """Two epochs of two updates: the rates 1, .75, .5, .25 of a linear schedule, written as a run and as changes."""
    record = {"schedule": {"kind": "linear", "base_lr": 1.0, "final_lr": 0.0, "updates": 4},
              "applied_rates": [{"update": 0, "updates": 3, "of": "schedule"},
                                {"update": 3, "rate": 0.125, "bits": "3e000000"}],
              "epochs": [{"updates": 2, "train_loss": 12.5, "test_accuracy": 0.0625}] * 2}
    lines = records.build_photos(record).splitlines()[2:]
    assert lines == ["| 1 | .750000 | 12.500 | .062 |", "| 2 | .125000 | 12.500 | .062 |"]
