"""Tests a training whose output cannot be written, and one that continues another and is killed at once."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
import time

import pytest

from reproduce.trainer import checkpoint
from reproduce.trainer.unbroken import ignore_write_errors


def begin_run(root, *options):
    return subprocess.Popen([sys.executable, root / "reproduce/cosine.py", "--framework", "torch", "--epochs", "20",
                             "--device", "cpu", *map(str, options)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_a_closed_pipe_stops_nothing_and_what_goes_on_elsewhere_is_never_without_a_checkpoint(root, tmp_path):
    process = begin_run(root, "--out", tmp_path / "first", "--checkpoint-every", 2)
    assert process.stdout.read(40)
    process.stdout.close()  # as `| head -c 40` does
    _wait_for(tmp_path / "first", 6)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    first, _ = checkpoint.load(tmp_path / "first")
    second = begin_run(root, "--out", tmp_path / "second", "--resume", tmp_path / "first")
    _wait_for(tmp_path / "second", first.update)
    second.kill()
    second.wait(30)
    found, wrong = checkpoint.load(tmp_path / "second")
    assert (found.update >= first.update, found.record["resumed"][0]["update"], wrong) == (True, first.update, [])
    if found.update == first.update:
        assert all((found.weights[name] == first.weights[name]).all() for name in first.weights)


def _wait_for(run, update):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if checkpoint.has_checkpoints(run) and checkpoint.load(run)[0].update >= update:
            return
        time.sleep(0.05)
    raise AssertionError(f"no checkpoint of update {update} in {run}")


class Full(io.StringIO):
    """A file on a full disk."""

    def write(self, text):
        raise OSError(errno.ENOSPC, "No space left on device")

    flush = close = lambda self: self.write("")


def test_what_cannot_be_printed_is_left_out(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Full())
    with pytest.raises(OSError, match="No space left"):  # as a counterpart
        print("a line", flush=True)
    with ignore_write_errors():
        print("a line", flush=True)
    assert type(sys.stdout) is Full


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_training_whose_output_is_lost_ends_well(unbuffered, root, tmp_path):
    """Sends its whole output, with the summary, to a full disk: the exit code is 0, and the record is there."""
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, root / "reproduce/cosine.py", "--framework", "torch", "--dry-run",
                               "--offline", "--out", tmp_path / "run"], stdout=full, stderr=full, check=False,
                              env=os.environ | {"PYTHONUNBUFFERED": unbuffered})
    assert done.returncode == 0
    assert (tmp_path / "run/record.json").exists()
