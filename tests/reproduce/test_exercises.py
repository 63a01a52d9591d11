"""Tests the exercises' scripts, and the sizes of their plans."""

from __future__ import annotations

import pytest

from frameworks.chapter import EPOCH
from frameworks.schedule import CosineRestarts
from reproduce.exercises.exercise import HERE
from reproduce.study import rows
from reproduce.study.plan import read_plan, read_single_plan
from tests.reproduce.test_study import record

SIZES = {"fixed_rate": 110, "exponent": 80, "warmup_length": 165, "averaging": 30, "drift": 20, "cycles": 50,
         "plateau": 30, "warmups": 120}


def test_the_sizes_of_the_plans():
    plans = {name: read_single_plan(HERE / "plans" / f"{name}.toml").list_trials() for name in SIZES}
    assert {name: len(trials) for name, trials in plans.items()} == SIZES
    every = read_plan(HERE / "plans" / "all.toml").list_trials()
    # ten runs of the constant rate stand in four plans, ten of square_root and of polynomial in two
    assert len(every) == sum(SIZES.values()) - 50 == 555
    assert {trial.key for trials in plans.values() for trial in trials} == {trial.key for trial in every}
    assert {(trial.epochs, trial.framework) for trial in every} == {(30, "torch"), (20, "torch")}
    assert {trial.seed for trial in every} == {*range(2000, 2010), *range(100, 110)}
    for trial in every:  # the key is accepted in a row
        assert rows.build_row(trial, record([0.5]), "c")["experiment"] == trial.key[0]


@pytest.mark.parametrize("name", SIZES)
def test_a_dry_run_counts_and_trains_nothing(name, run, tmp_path):
    done = run(HERE / f"{name}.py", "--dry-run", "--study", tmp_path)
    hours = f"{SIZES[name] * (20 if name == 'warmup_length' else 30) / 30 / 45:.1f}"
    first, second = done.stdout.splitlines()
    assert (done.returncode, first) == (0, f"{SIZES[name]} runs, 0 have their row, {SIZES[name]} to do: about {hours} "
                                           "hours at 45 runs of 30 epochs an hour"), done.stderr
    assert second.startswith("next: ")
    assert list(tmp_path.iterdir()) == []


def test_runs_of_the_study_have_its_results():
    """Runs that both have, made on one kind of processor by the same releases, are equal to the last bit."""
    ours, theirs = rows.read_rows(HERE), rows.read_rows(rows.HERE)
    assert len({row["machine"] for row in ours.values()}) == 1  # both runs of a pair
    alike = [key for key in ours if key in theirs and all(
        ours[key][name] == theirs[key][name] for name in ("machine", "python", "numpy", "version"))]
    assert len(alike) >= 27
    assert [key for key in alike if any(ours[key][name] != theirs[key][name] for name in rows.RESULT)] == []
    other = [key for key in theirs if theirs[key]["machine"] != ours[alike[0]]["machine"]]
    assert other  # the counterpart: another processor has other bits
    lines = [set((folder / rows.CURVES).read_text().splitlines()) for folder in (HERE, rows.HERE)]
    assert len(lines[0] & lines[1]) >= 27


def test_averaged_weights_are_those_of_the_lowest_rate():
    """Each cycle of one epoch begins at .3 and ends at .01. The counterpart is the kind whose last rate is higher."""
    plan = read_single_plan(HERE / "plans" / "averaging.toml")
    for planned in plan.schedules[1:]:
        schedule = planned.build_experiment().schedule
        assert {schedule.lr(EPOCH * epoch) for epoch in range(15, 30)} == {0.3}
        assert {schedule.lr(EPOCH * epoch - 1) for epoch in range(16, 31)} == {0.01}
    other = CosineRestarts(base_lr=0.3, final_lr=0.01, updates=EPOCH)
    assert other.lr(EPOCH - 1) == pytest.approx(0.010013, abs=1e-6)


def test_a_script_is_short():
    assert {name: length for name in SIZES
            if (length := len((HERE / f"{name}.py").read_text().splitlines())) >= 60} == {}


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (["exponent.py", "--framework", "pytroch"], 2, "argument --framework: must be one of mxnet, torch, tensorflow"),
    (["exponent.py", "--jobs", "0"], 2, "argument --jobs: must be a whole number of at least 1, got '0'"),
    (["exponent.py", "--study", "nowhere"], 2, "nowhere: must be a folder that can be written"),
    (["exponent.py", "--data-dir", "nowhere"], 5, "nowhere: no such folder; "),
    (["drift.py", "--framework", "mxnet", "--dry-run"], 2,
     "the changed plan: frameworks: must be torch alone with depth, as in depth5_without, got mxnet"),
])
def test_mistakes_are_one_line(arguments, code, message, run):
    done = run(HERE / arguments[0], *arguments[1:])
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (code, "", 1), done.stderr
    assert message in done.stderr


def test_a_damaged_file_of_runs_is_one_line(run, tmp_path):
    (tmp_path / rows.RUNS).write_text("nothing\n")
    done = run(HERE / "cycles.py", "--dry-run", "--study", tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "line 1 must have the 35 columns" in done.stderr
