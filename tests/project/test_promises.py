"""Tests that a benchmark names each promise that it misses, and exits with 4."""

from __future__ import annotations

import math
import re
import sys
from argparse import Namespace

import pytest

from tests.harness import benchmark, cost, throughput
from tests.harness import training_benchmark as training
from tests.harness.promises import Promise, check


@pytest.mark.parametrize(("promise", "kept"), [
    (Promise("the gate", 300.0, 300, " s"), True), (Promise("the gate", 300.1, 300, " s"), False),
    (Promise("faster", 1.6, 1.6, at_least=True), True), (Promise("faster", 1.5, 1.6, at_least=True), False),
    (Promise("the gate", math.nan, 300, " s"), False), (Promise("faster", math.nan, 1.6, at_least=True), False)])
def test_a_limit_is_kept_or_missed(promise, kept, capsys):
    assert promise.is_kept() is kept
    assert check([Promise("import", 0.1, 0.4, " s"), promise]) == (0 if kept else 4)
    assert (capsys.readouterr().err == "") is kept


@pytest.mark.parametrize("promise", [Promise("faster", 0.8, 1.6, at_least=True), Promise("import", 0.8, 0.4, " s")])
def test_slack_is_a_factor_of_the_limit(promise, capsys):
    assert (check([promise], 2), check([promise], 1.9), check([promise])) == (0, 4, 4)
    assert capsys.readouterr().err.count("missed: ") == 3


@pytest.mark.parametrize(("slow", "slack", "code", "said"), [
    (1.0, [], 0, ""), (400.0, [], 4, "missed: the gate 400 s at most 240 s\n"),
    (400.0, ["--slack", "2"], 0, "missed: the gate 400 s at most 240 s\n"),
    (500.0, ["--slack", "2"], 4, "missed: the gate 500 s at most 240 s\n")])
def test_the_benchmark_of_speed(slow, slack, code, said, monkeypatch, capsys):
    """The measurements are planted; the limits are those of the benchmark."""
    def measure_gate(gate):
        assert gate
        yield Promise("import", 0.3, 0.4, " s")
        yield Promise("the gate", slow, benchmark.GATE, " s")

    monkeypatch.setattr(benchmark, "measure_promises", measure_gate)
    monkeypatch.setattr(sys, "argv", ["benchmark", "--gate", *slack])
    assert benchmark.main() == code
    printed = capsys.readouterr()
    assert printed.err == said
    assert len(printed.out.splitlines()) == 2


@pytest.mark.parametrize(("ours", "code", "said"), [
    (4.0, 0, ""), (6.0, 4, "missed: times faster than the usual loop, torch 1.667 at least 2\n")])
def test_the_benchmark_of_training(ours, code, said, monkeypatch, capsys):
    monkeypatch.setattr(training, "_measure_peak", lambda: 1e11)
    monkeypatch.setattr(training, "prepare", lambda folder, data: None)
    monkeypatch.setattr(training, "_run", lambda name, loop, folder, chosen: {
        "seconds": 10.0 if loop == "usual" else ours, "bare": 3.0})
    assert training._print_table(Namespace(framework="torch", rounds=3, data_dir=None, hourly=False)) == code
    printed = capsys.readouterr()
    assert printed.err == said
    assert "| torch " in printed.out


def test_runs_an_hour_are_computed_from_two_lengths(monkeypatch, tmp_path, capsys):
    """Start and end take 8 s, an epoch of ours 2 s, one of the usual loop 10 s: runs of 68 and 308 s, two at a time."""
    def measure(commands):
        assert len(commands) == throughput.JOBS
        for command in commands:
            ours = "--epochs" in command
            epochs = int(command[command.index("--epochs") + 1] if ours else command[-1])
        return 8 + epochs * (2 if ours else 10)

    monkeypatch.setattr(throughput, "measure_seconds", measure)
    training._print_runs_an_hour(["torch"], tmp_path, None)
    assert re.search(r"\| torch +\| +23.4 \| +106 \| +4.53 \|", capsys.readouterr().out)


def test_processes_of_the_benchmark_run_together_and_may_not_fail(tmp_path):
    """The first waits for what the second writes."""
    wait = f"import pathlib, time\nwhile not pathlib.Path({str(tmp_path / 'file')!r}).exists(): time.sleep(0.01)"
    write = f"open({str(tmp_path / 'file')!r}, 'w').close()"
    assert throughput.measure_seconds([[sys.executable, "-c", wait], [sys.executable, "-c", write]]) > 0
    with pytest.raises(RuntimeError, match="exit code 3: why"):
        throughput.measure_seconds([[sys.executable, "-c", "import sys; print('why', file=sys.stderr); sys.exit(3)"]])


def test_what_checkpoints_cost_is_promised(capsys):
    """The page of what a run survives promises 2 %."""
    assert cost.MOST == 0.02
    for share, code in ((0.02, 0), (0.0201, 4)):
        assert check([Promise("cost", 100 * share, 100 * cost.MOST, " %")]) == code
    assert capsys.readouterr().err == "missed: cost 2.01 % at most 2 %\n"


def find_missing_tests(text, root):
    """Return the tests that a text names as `file::function` and that do not exist."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert named
    return [test for file, test in named
            if not (root / file).exists() or f"def {test}(" not in (root / file).read_text(encoding="utf-8")]


@pytest.mark.parametrize("page", ["parity/README.md", "reproduce/trainer/RELIABILITY.md"])
def test_every_promise_of_a_page_names_tests_that_exist(page, root):
    text = (root / page).read_text(encoding="utf-8")
    table = re.search(r"\| promise \| tests? \|.*?\n\n", f"{text}\n\n", re.S)[0]
    assert [row for row in table.strip().splitlines()[2:] if "`tests/" not in row] == []
    assert find_missing_tests(table, root) == []
    assert find_missing_tests(table.replace("::test_", "::test_no_", 1), root)  # as a counterpart
