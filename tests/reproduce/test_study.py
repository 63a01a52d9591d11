"""Tests the study: its rows, and mistakes in its command."""

from __future__ import annotations

import json

import pytest

from reproduce.study import rows, runner
from reproduce.study.plan import Trial
from reproduce.study.runner import Runner
from reproduce.trainer.errors import OutputError

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
    """Return a record with the test accuracies of its epochs."""
    epochs = [{"rate": 0.1, "train_loss": 0.5, "train_accuracy": 0.75, "test_loss": 0.25, "test_accuracy": accuracy,
               "seconds": 2.5, "weights_sha256": f"{number:064x}"} for number, accuracy in enumerate(accuracies, 1)]
    final = {"train_loss": 0.125, "train_accuracy": 0.875, "test_loss": 0.25, "test_accuracy": 0.625}
    return {"epochs": epochs, "diverged": None, "dead": False, "first_weights_sha256": "a" * 64, "data_sha256": {},
            "last_weights_sha256": "b" * 64, "schedule": {}, "threads": 1, "resumed": [], "final": final,
            "averaged": None, "versions": {"python": "3.11", "numpy": "1.26", "torch": "2.14"}} | changes


def test_outcomes_of_a_row():
    accuracies = [0.5, 0.5, 0.5, 0.5, 0.8125] + [0.75] * 14 + [0.75, 0.875] + [0.75] * 8 + [0.5]
    row = rows.build_row(TRIAL, record(accuracies), "c0ffee")
    assert row["test_accuracy_5"] == "0.8125"
    assert float(row["roughness_20_30"]) == (0.125 + 0.125 + 0.25) / 10  # from epoch 20 on: up, down, and down at 30
    assert (row["final_test_accuracy"], row["final_train_accuracy"], row["seconds"]) == ("0.625", "0.875", "75.0")
    assert (row["weights_sha256_1"], row["averaged_from"], row["commit"]) == (f"{1:064x}", "", "c0ffee")
    assert rows.build_curve(TRIAL, record([0.5, 0.8125]))["test_correct"] == [5000, 8125]


def test_rows_of_runs_that_failed_to_learn():
    dead = rows.build_row(TRIAL, record([0.1], dead=True) | {"epochs": [
        {"rate": rate, "train_loss": loss, "train_accuracy": 0.1, "test_loss": 2.3, "test_accuracy": 0.1,
         "seconds": 1.0, "weights_sha256": "d" * 64}
        for rate, loss in ((0.0, 2.3), (0.1, 2.31), (0.1, 2.315), (0.1, 2.3))]}, "c")
    # ln 10 = 2.3026; 2.315 is farther than .01, and an epoch at rate 0 learns nothing by definition
    assert (dead["dead"], dead["stalled_epochs"]) == ("1", "2")
    diverged = rows.build_row(TRIAL, record(diverged="diverged: the loss of update 3 is nan", final=None), "c")
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
    with pytest.raises(OutputError, match="line 3: cosine described torch 7 30 has another last_weights_sha256"):
        rows.read_rows(tmp_path)
    (tmp_path / "runs.csv").write_text(text[:-40])
    with pytest.raises(OutputError, match=r"runs.csv: line 2 must have the 35 columns of this project, got 3[0-4]"):
        rows.read_rows(tmp_path)


def test_another_result_of_a_run_is_not_added(tmp_path):
    rows.add(TRIAL, record([0.5]), tmp_path, "c")
    with pytest.raises(OutputError, match="has a row with another last_weights_sha256: bbbbbbbbbbbbbbbbbbbb, now cccc"):
        rows.add(TRIAL, record([0.5], last_weights_sha256="c" * 64), tmp_path, "c")


@pytest.mark.parametrize(("change", "message"), [
    (lambda text: text.rstrip(b"\n"), "runs.csv: its last line is incomplete"),
    (lambda text: text + b"\xff\n", "runs.csv: is not UTF-8"),
    (lambda text: text.replace(b",0.625,", b",banana,"), "runs.csv: line 2: final_test_accuracy must not be 'banana'"),
    (lambda text: text.replace(b"\ncosine", b"\ncosine-lrx"), "runs.csv: line 2: experiment must not be 'cosine-lrx'"),
    (lambda text: text.replace(b"torch,7,", b"torch,07,"), "runs.csv: line 2: seed must not be '07'"),
    (lambda text: b"\n".join(text.split(b"\n")[1:]), "runs.csv: line 1 must have the 35 columns of this project"),
])
def test_a_damaged_file_is_refused_and_left(change, message, tmp_path):
    rows.add(TRIAL, record([0.5]), tmp_path, "c")
    damaged = change((tmp_path / "runs.csv").read_bytes())
    (tmp_path / "runs.csv").write_bytes(damaged)
    with pytest.raises(OutputError) as caught:
        rows.add(Trial("cosine", "described", "torch", 8, 30, 16), record([0.5]), tmp_path, "c")
    assert message in str(caught.value)
    assert (tmp_path / "runs.csv").read_bytes() == damaged
    (tmp_path / "runs.csv").write_text("")  # an empty file has no rows
    assert len(rows.read_rows(tmp_path)) == 0
    rows.add(TRIAL, record([0.5]), tmp_path, "c")
    assert list(rows.read_rows(tmp_path)) == [TRIAL.key]


def test_a_continued_run_names_every_processor(tmp_path, monkeypatch, capsys):
    """Its folder moves to another machine and back; a run that began again there has one name, and so has any other."""
    folder = tmp_path / TRIAL.name
    folder.mkdir()
    assert runner.describe_processors(folder, record(resumed=[{}])) == rows.read_processor_name()  # of an older folder
    for name in ("one, of a kind", "other", "one, of a kind"):
        monkeypatch.setattr(rows, "read_processor_name", lambda name=name: name)
        runner.note_processor(folder)
    for resumed, names in (([], "one, of a kind"), ([{}, {}], "one, of a kind + other")):
        assert runner.describe_processors(folder, record(resumed=resumed)) == names
    assert runner.describe_processors(folder, record(resumed=[]) | {"depth": 20}) == "one, of a kind + other"
    Runner([TRIAL], 1, tmp_path, tmp_path)._add(TRIAL, record([0.5], resumed=[{}, {}]))
    assert [row["machine"] for row in rows.read_rows(tmp_path).values()] == ["one, of a kind + other"]
    assert not folder.exists()
    assert capsys.readouterr().out.startswith("1 of 1: cosine described torch seed 7")


def test_every_row_is_of_the_registered_protocol():
    """The protocol does not change once there are rows: each row has its hash."""
    found = rows.read_rows(rows.HERE)
    assert {row["protocol_sha256"] for row in found.values()} == {rows.compute_protocol_sha256()} == {
        "735d4c19ef401518745ca91e2e83b4eeea18eb75f73144305c81c15d668b04c1"}
    curves = [json.loads(line) for line in (rows.HERE / "curves.jsonl").read_text().splitlines()]
    assert {tuple(curve[name] for name in rows.KEY) for curve in curves} == set(found)


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (["status", "absent.toml"], 2, "absent.toml: cannot be read: No such file or directory"),
    (["run", "PLAN", "--shard", "3/2"], 2, "argument --shard: must be I/N with I from 1 to N, got '3/2'"),
    (["run", "PLAN", "--ray", "ray://host:1"], 2, "argument --ray: must be HOST:PORT or auto, got 'ray://host:1'"),
    (["run", "PLAN", "--ray", "auto", "--jobs", "2"], 2, "argument --jobs: not with --ray, which uses all processors"),
    (["run", "PLAN", "--jobs", "0"], 2, "argument --jobs: must be a whole number of at least 1, got '0'"),
    (["run", "PLAN", "--data-dir", "nowhere"], 5, "nowhere: no such folder; "),
    (["run", "PLAN", "--study", "nowhere"], 2, "nowhere: must be a folder that can be written; choose another one"),
    (["run", "PLAN", "--study", "FOLDER", "--out", "/proc/runs"], 2, "/proc/runs: cannot be written: "),
])
def test_mistakes_in_the_command(arguments, code, message, plan, run):
    places = {"PLAN": plan, "FOLDER": plan.parent}
    result = run("-m", "reproduce.study", *[places.get(argument, argument) for argument in arguments])
    assert (result.returncode, "Traceback" in result.stderr) == (code, False), result.stderr
    assert message in result.stderr


def test_without_ray_the_command_that_installs_it_is_printed(plan, run):
    code = ("import sys; sys.modules['ray'] = None; from reproduce.study.__main__ import main; "
            f"sys.exit(main(['run', {str(plan)!r}, '--ray', 'auto']))")
    result = run("-c", code)
    assert (result.returncode, result.stderr) == (
        2, 'ray is not installed; pip install ".[cluster]" in a clone of this project\n')


def test_a_second_runner_is_refused(plan, run, tmp_path):
    with rows.lock_rows(tmp_path):
        result = run("-m", "reproduce.study", "run", plan, "--study", tmp_path, "--offline")
    assert (result.returncode, result.stderr) == (
        2, f"{tmp_path}: another process adds rows here; it can take more --jobs\n")


def test_what_ends_a_worker_is_a_failure(tmp_path, monkeypatch, capsys):
    """An error in one run does not end the others, and the run does not count as done."""
    def fail(self, trial, processor):
        if trial.seed == 1:
            raise FileNotFoundError("record.json")
        return {}

    def full(self, trial, record):
        raise OSError("no space")

    monkeypatch.setattr(Runner, "train", fail)
    monkeypatch.setattr(Runner, "_add", full)
    trials = [Trial("cosine", "described", "torch", seed, 1) for seed in (1, 2, 3)]
    assert Runner(trials, 1, tmp_path, tmp_path).run() == 1
    assert capsys.readouterr().err.splitlines() == [  # no row can be added, so the third does not start
        "cosine-described-torch-seed1-epochs1: FileNotFoundError: record.json",
        "cosine-described-torch-seed2-epochs1: OSError: no space"]
