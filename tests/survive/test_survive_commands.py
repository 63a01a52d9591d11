"""Runs whole commands on hostile inputs and outputs; faulty commands are detected.

For more cases: python -m tests.harness.fuzz.commands --cases 100000 --seed 3
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.harness import forks
from tests.harness.fuzz import commands
from tests.harness.fuzz.commands import ENDS, INPUTS, STDOUTS, Server, build_case, find_fault, main, run_cases

MODULE = f"tests.survive.{Path(__file__).stem}"


def test_every_command_ends_as_documented(capsys):
    assert main(["--cases", "60", "--seed", "0"]) == 0
    assert '"faults": 0' in capsys.readouterr().out


def test_the_cases_have_every_kind_of_input_and_output(tmp_path):
    cases = [build_case(tmp_path / str(number), 0, number) for number in range(150)]
    assert {case["input"] for case in cases} == set(INPUTS)
    assert {case["stdout"] for case in cases} == set(STDOUTS)
    assert {case["arguments"][0] for case in cases} == {"port", "explain", "report", "plot"}


def work():
    """End as a command that writes its files whole."""
    for name, end in ENDS.items():
        Path("out", name).write_bytes(end)
    return 0


def fail():
    """Raise an error that no command documents."""
    raise KeyError("base_lr")


def exit_with_3():
    """Return an exit code that is not documented."""
    return 3


def exit_with_1():
    """Return the exit code of a stdout that cannot be written."""
    return 1


def hang():
    """Wait for longer than a case may take."""
    time.sleep(60)


def allocate():
    """Take more memory than there may be."""
    return len(bytearray(4 << 30))


def tear():
    """Leave half of a file."""
    Path("out", "index.html").write_text("<html>")
    return 0


def replace_in_spite_of_an_error():
    """Write a file, then refuse the arguments."""
    work()
    return 2


def leave_a_temporary_file():
    """Leave another file beside those of the command."""
    Path("out", ".index.html.tmp").touch()
    return 2


def lose():
    """Delete a file."""
    Path("out", "parity.md").unlink()
    return 0


def print_at_the_end():
    """Print, without the end that each command has for a stdout that cannot be written."""
    print("rates")


FAULTS = {fail: "traceback: KeyError: 'base_lr'", exit_with_3: "exit code 3", exit_with_1: "exit code 1",
          hang: "took too long", allocate: "traceback: MemoryError", tear: "index.html is not whole",
          replace_in_spite_of_an_error: "parity.json is not whole, or was replaced in spite of an error",
          leave_a_temporary_file: "files in out: .index.html.tmp", lose: "files in out: parity.md"}


@pytest.mark.parametrize("fault", [*FAULTS, work], ids=lambda function: function.__name__)
def test_a_faulty_command_is_detected(fault, tmp_path):
    server = Server(f"{MODULE}:{fault.__name__}", 2)
    try:
        for taken_down in (True, False):
            case = build_case(tmp_path / f"{taken_down}", 0, 0)
            case |= {"stdout": "null", "file_size": None, "taken_down": taken_down}
            found = find_fault(case, *server.run(case))
            assert found.startswith(FAULTS.get(fault, ""))
            assert bool(found) == (fault in FAULTS)
    finally:
        server.end()


def test_both_ends_of_a_process_have_the_exit_code_of_python(tmp_path):
    server = Server(f"{MODULE}:print_at_the_end")
    try:
        for number, taken_down in enumerate((True, False)):
            case = build_case(tmp_path / str(number), 0, 0) | {"file_size": None, "taken_down": taken_down}
            assert [server.run(case | {"stdout": stdout})[0] for stdout in ("null", "full", "unread")] == [0, 120, 120]
    finally:
        server.end()


@pytest.mark.parametrize(("function", "seconds", "code"), [
    (lambda: None, 0, 0), (exit_with_3, 0, 3), (lambda: sys.exit("why"), 0, 1), (fail, 0, 1), (hang, 2, -14),
    (lambda: os.kill(os.getpid(), signal.SIGKILL), 0, -9)])
def test_a_fork_has_the_exit_code_of_its_function_and_its_folder(function, seconds, code, tmp_path):
    def write_and_run():
        Path("here").touch()
        return function()

    with (tmp_path / "printed").open("wb") as file:
        assert forks.wait(forks.start(write_and_run, file, file, tmp_path, seconds)) == code
    assert (tmp_path / "here").exists()


def test_the_faults_are_listed_with_their_cases(monkeypatch, capsys):
    monkeypatch.setattr(commands, "PROGRESS", 8)
    server = Server(f"{MODULE}:exit_with_3")
    try:
        codes, faults = run_cases(100, 4, server)
    finally:
        server.end()
    assert (codes, len(faults)) == ({"3": 20}, 20)
    assert faults[7].startswith("case 7 of seed 4: ")
    assert capsys.readouterr().err.splitlines()[0].startswith("8 of 100 cases, 8 faults, 0:0")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_with_the_counts_of_what_was_tried(number, code, monkeypatch, capsys):
    def find_fault_and_raise_signal(case, *ended):
        if case["folder"].endswith("/9"):
            signal.raise_signal(number)
        return find_fault(case, *ended)

    monkeypatch.setattr(commands, "find_fault", find_fault_and_raise_signal)
    monkeypatch.setattr(commands, "PROGRESS", 4)
    assert main(["--cases", "1000"]) == code
    printed = capsys.readouterr()
    assert json.loads(printed.out) == json.loads(printed.out) | {"cases": 10, "faults": 0}
    assert [line.rpartition(", ")[0] for line in printed.err.splitlines()] == [
        "4 of 1000 cases, 0 faults", "8 of 1000 cases, 0 faults"]
