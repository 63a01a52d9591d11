"""Tests that a plan of the study is stopped, continued and repeated without losing a row."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from reproduce.study import rows
from tests.reproduce.test_study import PLAN

RATED = PLAN + "rates = [0.2]\n"


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text(PLAN)
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory, root):
    """Return the folder of a plan that was run without a stop."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "plan.toml").write_text(RATED)
    done = subprocess.run(
        [sys.executable, "-m", "reproduce.study", "run", folder / "plan.toml", "--jobs", "2", "--offline", "--study",
         folder, "--out", folder / "runs"], cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2 runs to do, 0 of the plan's 2 have their row\n"
                                  "1 of 2: cosine-lr0.2 described torch seed ")
    return folder


def test_a_plan_is_stopped_continued_and_the_same(whole, plan, run, tmp_path):
    """Stopped after the beginning of the first epoch, and continued by the same command, it adds the same rows."""
    plan.write_text(RATED)
    (tmp_path / "parts").mkdir()
    command = ["-m", "reproduce.study", "run", plan, "--jobs", "2", "--offline"]
    command += ["--study", tmp_path / "parts", "--out", tmp_path / "other"]
    process = subprocess.Popen([sys.executable, *map(str, command)], stderr=subprocess.PIPE, text=True)
    while not list((tmp_path / "other").glob("*/record.json")):
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (143, "stopped after 0 of 2 runs; the same command continues\n")
    for path in (tmp_path / "other").glob("*/processors.txt"):  # as if another machine had begun
        path.write_text("another processor\n")
    first = run(*command, "--shard", "1/2")  # the even seeds
    assert first.stdout.startswith("1 runs to do, 0 of the plan's 2 have their row\n")
    second = run(*command)
    assert second.stdout.startswith("1 runs to do, 1 of the plan's 2 have their row\n")
    found, expected = rows.read_rows(tmp_path / "parts"), rows.read_rows(whole)
    assert {key: [row[name] for name in rows.RESULT] for key, row in found.items()} == {
        key: [row[name] for name in rows.RESULT] for key, row in expected.items()}
    assert "1" in {row["resumed"] for row in found.values()}
    here = rows.read_processor_name()
    assert {row["machine"] for row in expected.values()} == {here}
    assert [row["machine"] for row in found.values()] == [
        f"another processor + {here}" if row["resumed"] == "1" else here for row in found.values()]
    again = run(*command)
    assert (again.returncode, again.stdout) == (0, "0 runs to do, 2 of the plan's 2 have their row\n")
    assert list((tmp_path / "other").iterdir()) == []
    status = run("-m", "reproduce.study", "status", plan, "--study", tmp_path / "parts")
    assert status.stdout == f"{plan}: 2 of 2 runs have their row\n"


def test_the_first_epoch_of_a_row_is_repeated(whole, run, tmp_path):
    for name in ("runs.csv", "curves.jsonl"):
        shutil.copy(whole / name, tmp_path)
    check = ("-m", "reproduce.study", "check", "--study", tmp_path, "--offline", "--seed", "3")
    result = run(*check)
    assert (result.returncode, result.stderr) == (0, "")
    head, chosen, found = result.stdout.splitlines()
    assert head == "rows chosen with --seed 3"
    assert chosen == f"2 of 2 rows can be repeated on this machine, {rows.read_processor_name()}"
    assert ": the first epoch ended with the same weights, " in found
    path = tmp_path / "runs.csv"
    path.write_text("".join(line.replace(row["weights_sha256_1"], "f" * 64, 1) + "\n" for line, row in zip(
        path.read_text().splitlines(), [dict.fromkeys(rows.COLUMNS, "-"), *rows.read_rows(tmp_path).values()])))
    result = run(*check)
    assert result.returncode == 4
    assert ": the first epoch ended with other weights: ffffffffffff in runs.csv, " in result.stderr
    path.write_text(path.read_text().replace(rows.read_processor_name(), "another machine"))
    result = run(*check)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[1].startswith("0 of 2 rows can be repeated on this machine, ")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_closed_pipe_stops_nothing(unbuffered, plan, tmp_path):
    """As with `run PLAN

    head -1`, the lines are lost, the rows are not, and Python ends without an error.
    """
    plan.write_text(PLAN.replace("count = 2", "count = 1"))
    command = [sys.executable, "-m", "reproduce.study", "run", str(plan), "--study", str(tmp_path), "--out",
               str(tmp_path / "runs"), "--offline"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=os.environ | {"PYTHONUNBUFFERED": unbuffered})
    process.stdout.readline()
    process.stdout.close()
    assert (process.wait(timeout=120), process.stderr.read()) == (0, "")
    assert len(rows.read_rows(tmp_path)) == 1


def test_a_run_that_fails_is_reported_and_the_others_go_on(plan, run, tmp_path):
    """A file blocks the folder of one run."""
    blocked = tmp_path / "runs" / "cosine-described-torch-seed7-epochs1"
    blocked.mkdir(parents=True)
    (blocked / "record.json").write_text("{}")
    result = run("-m", "reproduce.study", "run", plan, "--study", tmp_path, "--out", tmp_path / "runs", "--offline")
    assert result.returncode == 1
    assert result.stderr.startswith(f"{blocked.name}: exit code 2: {blocked}/record.json: there is a run already;")
    assert [key[3] for key in rows.read_rows(tmp_path)] == ["8"]
