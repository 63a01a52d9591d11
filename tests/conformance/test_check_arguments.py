"""Tests `check` with a Python function, its arguments, and that an interrupt leaves no child process."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
import time
from argparse import Namespace

import pytest

from frameworks.arguments import Parser
from frameworks.schedule import lrs
from parity.conformance.check import add_arguments, run
from parity.conformance.client import Skipped

FUNCTIONS = {
    "one": (lrs, "good, 50 updates"),
    "two": (lambda schedule, updates: lrs(schedule, updates)[:, None].repeat(2, 1), "good, 50 updates"),
    "late_start": (lambda schedule, updates: [schedule.lr(t + 1) for t in range(updates)], "FAILED: difference: update "
                   "0: applied 0.29821482 (3e98af9d), specified 0.3 (3e99999a, float64 0.3), parameter 0"),
    "short": (lambda schedule, updates: [0.5], "FAILED: wrong number: 1 rates for 50 updates"),
    "raises": (lambda schedule, updates: {}["cosine"], "FAILED: error: KeyError: 'cosine'"),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_python_function_is_checked(name, monkeypatch, capsys):
    """A Python function is checked, and its first line is the verdict of the case."""
    function, line = FUNCTIONS[name]
    monkeypatch.setitem(sys.modules, "theirs", Namespace(rates=function))
    code = run(Namespace(python="theirs:rates", case=["cosine"]), Parser())
    assert (code, capsys.readouterr().out.splitlines()[0]) == (0 if "good" in line else 4, f"cosine: {line}")


def test_a_python_function_may_skip(monkeypatch, capsys):
    """A function that raises Skipped does not fail a case."""
    def rates(schedule, updates):
        if schedule.kind == "cosine":
            raise Skipped("no cosines")
        return lrs(schedule, updates)

    monkeypatch.setitem(sys.modules, "theirs", Namespace(rates=rates))
    assert run(Namespace(python="theirs:rates", case=["cosine", "constant"]), Parser()) == 0
    assert capsys.readouterr().out.endswith("cosine: skipped: no cosines\n2 cases: 1 good, 1 skipped, 0 failed\n")


@pytest.mark.parametrize(("given", "message"), [
    (["--command", "no-such-program x"], "argument --command: cannot start no-such-program: no such file or directory"),
    (["--command", "'"], 'argument --command: no closing quotation, got "\'"'),
    (["--python", "frameworks:none"], "argument --python: cannot import frameworks:none: AttributeError: module "
     "'frameworks' has no attribute 'none'"),
    (["--command", "x", "--case", "cosin"], "argument --case: there is no case 'cosin'; did you mean 'cosine'?"),
    (["--command", "x", "--timeout", "0"], "argument --timeout: must be a number of seconds above 0, got '0'"),
    ([], "one of the arguments --command --python is required"),
])
def test_mistakes_are_one_line_and_exit_2(given, message, capsys):
    """A mistake in the arguments is one line and exit code 2."""
    parser = Parser(prog="check")
    add_arguments(parser)
    with pytest.raises(SystemExit, match="2"):
        run(parser.parse_args(given), parser)
    assert capsys.readouterr() == ("", f"check: {message}\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_no_child(number, tmp_path, root):
    """SIGINT and SIGTERM end the checked program too."""
    script = tmp_path / "plugin.py"
    script.write_text("import os, signal, sys, time\nsignal.signal(15, signal.SIG_IGN)\n"
                      "print(os.getpid(), file=open(sys.argv[1], 'w'), flush=True)\ntime.sleep(60)\n")
    code = ("import sys; from argparse import Namespace; from frameworks.arguments import Parser; "
            "from parity.conformance.check import run; "
            "run(Namespace(plugin=sys.argv[1], python=None, case=None, timeout=60), Parser())")
    pid = tmp_path / "pid"
    command = shlex.join([sys.executable, str(script), str(pid)])
    process = subprocess.Popen(  # with the default handler, which a background job of a script does not have
        [sys.executable, "-c", code, command], cwd=root, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # noqa: PLW1509
    while not (pid.exists() and re.fullmatch(r"\d+\n", pid.read_text())):
        time.sleep(0.05)
    process.send_signal(number)
    assert process.wait(20) != 0
    assert subprocess.run(["ps", "-p", pid.read_text().strip()], capture_output=True, check=False).returncode == 1
