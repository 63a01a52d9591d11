"""Tests the command of the checks on a GPU: its files, its time, what is missing, and its end by a signal."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.harness.gpu import session
from tests.harness.gpu.__main__ import main
from tests.harness.gpu.place import Place, run_checks
from tests.harness.gpu.plan import STEPS, Step
from tests.harness.gpu.session import Session


@pytest.fixture
def gpu(root, tmp_path):
    """Run the script as a user would, on a machine without a visible GPU; return it and its result files."""
    def run(*arguments, out="out"):
        done = subprocess.run(["bash", str(root / "reproduce/gpu.sh"), out, *map(str, arguments)], cwd=tmp_path,
                              env=os.environ | {"PYTHON": sys.executable, "CUDA_VISIBLE_DEVICES": ""}, text=True,
                              capture_output=True, check=False)
        return done, read_results(tmp_path / out)

    return run


def read_results(folder):
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}


def test_a_rehearsal_of_one_step_end_to_end(gpu, tmp_path):
    """The example: the environment and the step, each in a file, every file marked, and a summary."""
    done, results = gpu("--rehearse", "--only", "torch-resume")
    assert (done.returncode, done.stderr) == (0, "")
    assert set(results) == {"torch-environment", "torch-resume"}
    assert {result["on"] for result in results.values()} == {"rehearsal, CPU"}
    assert {result["status"] for result in results.values()} == {"passed"}
    assert [check["passed"] for check in results["torch-resume"]["checks"]] == [True] * 4
    summary = (tmp_path / "out" / "summary.txt").read_text()
    assert summary.startswith("Checks on a GPU: rehearsal, CPU, ")
    assert "\ntorch-resume: passed\n" in summary
    assert summary.count(": passed") >= 6


def test_a_missing_gpu_is_named_and_what_needs_it(gpu):
    done, results = gpu("--only", "torch-rates,tensorflow-epoch")
    assert done.returncode == 2
    for name, framework in (("torch-rates", "torch"), ("tensorflow-epoch", "tensorflow")):
        assert re.match(rf"device gpu: {framework} sees no GPU here; {framework} \S+ is built (for|with|without) CUDA",
                        results[name]["why"])
    assert {result["status"] for result in results.values()} == {"missing"}
    assert {result["on"].partition(":")[0] for result in results.values()} == {"GPU"}


def test_missing_data_is_named_with_its_exit_code(tmp_path, monkeypatch):
    """The steps that need no data are done."""
    monkeypatch.setattr(Session, "_run_step", lambda *arguments: {"status": "passed", "checks": []})
    (tmp_path / "empty").mkdir()
    (tmp_path / "out").mkdir()
    planned = Session(tmp_path / "out", 9, True, tmp_path / "empty")
    assert planned.run() == 5
    missing = {name for name, result in planned.results.items() if result["status"] == "missing"}
    assert missing == {step.name for step in STEPS if step.needs_data}
    assert str(tmp_path / "empty") in planned.results["torch-epoch"]["why"]


def test_a_missing_framework_is_named_and_the_other_is_checked(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "find_spec", lambda name: None if name in ("torch", "mxnet") else name)
    monkeypatch.setattr(Session, "_run_step", lambda *arguments: {"status": "passed", "checks": []})
    planned = Session(tmp_path, 9, True, None)
    assert planned.run() == 2
    assert planned.results["torch-rates"]["why"].startswith("torch is not installed; pip install")
    assert planned.results["tensorflow-rates"]["status"] == "passed"


def test_steps_without_time_are_named(gpu, tmp_path):
    done, results = gpu("--rehearse", "--minutes", "0.01")
    assert done.returncode == 4
    assert set(results) == {step.name for step in STEPS}
    assert {result["status"] for result in results.values()} == {"not reached"}
    summary = (tmp_path / "out" / "summary.txt").read_text()
    assert [step for step in STEPS if f"\n{step.name}: not reached" not in summary] == []


def test_a_step_that_needs_more_than_its_time_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "LEAST", 0)
    (step,) = (step for step in STEPS if step.name == "torch-environment")
    begin = time.monotonic()
    assert Session(tmp_path, 0.01, True, None, [step]).run() == 4
    assert time.monotonic() - begin < 20
    assert read_results(tmp_path)["torch-environment"]["status"] == "out of time"


def test_a_step_whose_process_fails_does_not_end_the_others(tmp_path):
    steps = [Step("no-such-step", "none", "numpy", 1, needs_device=False), *(
        step for step in STEPS if step.name == "mxnet-environment")]
    planned = Session(tmp_path, 5, True, None, steps)
    assert planned.run() == 4
    results = read_results(tmp_path)
    assert results["no-such-step"]["status"] == "failed"
    assert results["no-such-step"]["why"].startswith("exit code 2: ")
    assert results["mxnet-environment"]["checks"][0]["line"].startswith("mxnet 1.9.1: cannot use a GPU")


def test_a_check_that_fails_or_comes_too_late_does_not_end_the_others():
    def fail(until):
        raise RuntimeError("of a\nframework")

    def run(end):
        checks = [("first", fail), ("second", lambda until: {"passed": True, "until": until})]
        return list(run_checks(checks, Place("torch", True, end, Path())))

    now = time.monotonic()
    first, second = run(now + 100)
    assert (first["passed"], first["error"]) == (False, "RuntimeError: of a framework")
    assert second["passed"] is True
    assert second["until"] == pytest.approx(now + 100)
    assert run(now - 1) == [{"check": name, "reached": False} for name in ("first", "second")]


@pytest.mark.parametrize(("states", "code"), [
    ({}, 0), ({"torch-rates": "failed"}, 4), ({"torch-rates": "out of time", "torch-epoch": "missing"}, 4),
    ({"torch-rates": "partly reached"}, 4), ({"mxnet-environment": "missing"}, 0), ({"torch-epoch": "missing"}, 5),
    ({"mxnet-environment": "failed"}, 0), ({"mxnet-environment": "out of time", "torch-epoch": "failed"}, 4),
    ({"torch-epoch": "missing", "torch-rates": "missing"}, 2), ({"torch-many": "not reached"}, 4)])
def test_exit_codes(states, code, tmp_path):
    planned = Session(tmp_path, 9, True, None)
    for name in planned.results:
        planned.results[name]["status"] = states.get(name, "passed")
    assert planned.compute_exit_code() == code


@pytest.mark.parametrize(("arguments", "message"), [
    (["full"], "gpu.sh: argument OUT: must be new or empty, full is not: results of two runs would mix"),
    (["full/file"], "full/file: cannot be written: file exists"),
    (["out", "--minutes", "0"], "gpu.sh: argument --minutes: must be a number of minutes above 0 and at most 1440, "
                                "got '0'"),
    (["out", "--only", "torch-rate"], "gpu.sh: argument --only: must be one of "),
])
def test_wrong_arguments_are_named_in_one_line(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("full").mkdir()
    Path("full/file").touch()
    try:
        code = main(arguments)
    except SystemExit as end:
        code = end.code
    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert printed.err.startswith(message)
    assert len(printed.err.splitlines()) == 1
    assert not Path("out").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_kill_leaves_whole_files_and_no_process(number, root, tmp_path):
    command = ["bash", str(root / "reproduce/gpu.sh"), str(tmp_path / "out"), "--rehearse", "--only", "torch-rates"]
    process = subprocess.Popen(command, env=os.environ | {"PYTHON": sys.executable}, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "torch-environment: passed\n"
    time.sleep(0.5)  # the next step has begun
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == (143 if number == signal.SIGTERM else -9)
    assert read_results(tmp_path / "out")["torch-environment"]["status"] == "passed"
    summary = (tmp_path / "out" / "summary.txt").read_text()
    assert "\ntorch-rates: not reached\n" in summary
    end = time.monotonic() + 30
    while any(f"--out\0{tmp_path / 'out'}" in text for text in read_command_lines()):
        assert time.monotonic() < end
        time.sleep(0.05)


def read_command_lines():
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield path.read_text()
        except OSError:  # it has ended
            continue
