"""Tests that processes end with the one that started them: real commands are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from frameworks.children import exit_on_signals

#: Starts a process without this project, in a thread that waits for the process.
PLAIN = """
import subprocess, sys, threading
work = lambda: subprocess.run([sys.executable, "-c", "import time; time.sleep(600)"])
threading.Thread(target=work).start()
"""


def children_of(parent):
    """Return the numbers of the running processes that a process has started."""
    children = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, its_parent = path.read_text().rpartition(")")[2].split()[:2]
        except OSError:  # it has ended
            continue
        if int(its_parent) == parent and state != "Z":
            children.append(int(path.parent.name))
    return children


def is_running(process):
    """Return whether a process runs."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition, seconds=60):
    """Wait until a condition is true, at most some seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def start_process(arguments, number, **options):
    """Start a process that starts `number` others; return it and their numbers."""
    parent = subprocess.Popen([sys.executable, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, **options)
    wait_until(lambda: len(children_of(parent.pid)) == number)
    return parent, children_of(parent.pid)


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGINT", 130), ("SIGHUP", 129), ("SIGKILL", -9)])
def test_the_measurements_end_with_a_report_that_is_killed(name, code, root, tmp_path):
    parent, children = start_process(["-m", "parity", "report", "--out", tmp_path / "out"], 2, cwd=root)
    parent.send_signal(signal.Signals[name])
    errors = parent.communicate(timeout=60)[1]
    assert (parent.returncode, errors) == (code, "interrupted\n" if name == "SIGINT" else "")
    wait_until(lambda: not any(map(is_running, children)), 60)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGKILL"])
def test_the_measurements_end_with_a_gate_that_is_killed(name, root):
    parent, children = start_process(["-m", "pytest", "-q", "parity/gate/test_plateau.py", "-k", "mxnet"], 2, cwd=root)
    parent.send_signal(signal.Signals[name])
    parent.communicate(timeout=60)
    wait_until(lambda: not any(map(is_running, children)), 60)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL"])
def test_a_measured_port_ends_with_its_command(name, root):
    parent, children = start_process(
        ["-m", "parity", "port", "CosineScheduler(20, base_lr=0.3)", "--from", "mxnet", "--to", "torch"], 1, cwd=root)
    parent.send_signal(signal.Signals[name])
    parent.communicate(timeout=60)
    wait_until(lambda: not any(map(is_running, children)), 60)


def test_a_process_that_is_started_plainly_outlives_a_kill(root):
    """This is the counterpart."""
    parent, children = start_process(["-c", PLAIN], 1, cwd=root)
    parent.kill()
    parent.wait()
    time.sleep(0.5)
    alive = [*map(is_running, children)]
    for child in children:
        os.kill(child, signal.SIGKILL)
    parent.communicate()
    assert alive == [True]


def test_a_signal_that_is_ignored_or_handled_stays_so():
    calls = []
    before = [signal.signal(signal.SIGHUP, signal.SIG_IGN),
              signal.signal(signal.SIGTERM, lambda number, frame: calls.append(number))]
    try:
        with exit_on_signals():
            signal.raise_signal(signal.SIGHUP)
            signal.raise_signal(signal.SIGTERM)
        assert calls == [signal.SIGTERM]
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with pytest.raises(SystemExit, match="143"), exit_on_signals():
            signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before[0])
        signal.signal(signal.SIGTERM, before[1])
