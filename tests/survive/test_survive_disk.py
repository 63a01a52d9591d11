"""Tests that a full disk loses no data, and that only one process uses a run folder."""

from __future__ import annotations

import re
import resource
import shlex
import signal
import subprocess
import sys
import time

import pytest

from reproduce.trainer import checkpoint
from tests.harness.kills import read_final_state

#: Trains on made-up images. On a full disk the log is elsewhere.
REHEARSAL = """
import sys
from tests.harness.rehearsal import rehearse
sys.exit(rehearse(sys.argv[1:], lambda step, update: print(step, update, flush=True)))
"""
OPTIONS = ["--framework", "torch", "--epochs", "4", "--checkpoint-every", "2", "--device", "cpu", "--quiet",
           "--resume", "auto"]
#: There is room for two checkpoints of 248 kB, but not for three.
SIZE = 700_000


def command(out, *arguments):
    return [sys.executable, "-c", REHEARSAL, *OPTIONS, "--out", str(out), *arguments]


def mounts():
    """Return whether a file system can be mounted here, in a separate namespace."""
    tried = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
    return tried.returncode == 0


@pytest.fixture(scope="module")
def whole(root, tmp_path_factory):
    """Run the command on a disk with room; return the run's folder, the exit code and stderr."""
    folder = tmp_path_factory.mktemp("room") / "whole"
    result = subprocess.run(command(folder), cwd=root, capture_output=True, text=True, check=False)
    return folder, result.returncode, result.stderr


@pytest.mark.parametrize("wanted", ["tmpfs", "RLIMIT_FSIZE"])
def test_a_full_disk_loses_nothing(wanted, whole, root, tmp_path, capsys):
    """Uses a small tmpfs, or a limit on the size of files; if nothing can be mounted, the limit is used and printed."""
    (tmp_path / "full").mkdir()
    (tmp_path / "kept").mkdir()
    run = shlex.join(command(tmp_path / "full/run"))
    if used := wanted == "tmpfs" and mounts():
        script = (f"mount -t tmpfs -o size={SIZE} none {tmp_path}/full; {run}; code=$?;"
                  f"cp -r {tmp_path}/full/run {tmp_path}/kept; exit $code")
        result = subprocess.run(["unshare", "-rm", "bash", "-c", script], cwd=root, capture_output=True, text=True,
                                check=False)
    else:
        assert subprocess.run(command(tmp_path / "full/run", "--epochs", "1"), cwd=root, check=False).returncode == 0

        def limit_disk():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

        result = subprocess.run(command(tmp_path / "full/run"), cwd=root, capture_output=True, text=True, check=False,
                                preexec_fn=limit_disk)
        (tmp_path / "full/run").rename(tmp_path / "kept/run")
    with capsys.disabled():
        print(f" [a full disk: {f'a tmpfs of {SIZE} bytes' if used else 'RLIMIT_FSIZE, SIGXFSZ ignored'}]")
    assert result.returncode == 2, result.stdout + result.stderr
    reason = "no space left on device" if used else "file too large"
    last = result.stderr.splitlines()[-1]
    assert re.fullmatch(rf"{tmp_path}/full/run/checkpoints/update-\d+-[0-9a-f]+\.safetensors: cannot be written "
                        rf"\(\d{{6}} bytes\): {reason}", last), last
    found, wrong = checkpoint.load(tmp_path / "kept/run")
    saved = int(last.partition("update-")[2].partition("-")[0])
    assert (0 < found.update <= saved, wrong) == (True, [])
    names = {path.name for path in (tmp_path / "kept/run/checkpoints").iterdir()}
    assert len(names) <= 3
    assert not any(name.endswith(".tmp") for name in names)
    # on another disk it continues as if it had never stopped
    assert subprocess.run(command(tmp_path / "kept/run"), cwd=root, capture_output=True, check=False).returncode == 0
    assert read_final_state(tmp_path / "kept/run") == read_final_state(whole[0])


def test_the_same_run_on_a_disk_with_room_is_good(whole):
    """This is the counterpart."""
    assert whole[1:] == (0, "")


@pytest.fixture
def training(root, tmp_path):
    """Start a process that trains in a folder until it is killed."""
    process = subprocess.Popen(command(tmp_path / "run", "--epochs", "10000"), cwd=root, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    for line in process.stdout:
        if line.startswith("saved"):
            break
    yield process
    process.kill()
    process.communicate()


def test_a_folder_is_held_by_one_process(training, root, tmp_path):
    """The folder is free as soon as this process is killed."""
    second = command(tmp_path / "run", "--epochs", "10000")
    for arguments, said in ((second, "another process is training in this folder"),
                            ([one for one in second if one not in ("--resume", "auto")], "there is a run already")):
        process = subprocess.Popen(arguments, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        # read the pipe of the first process, so that it does not block
        while process.poll() is None:
            training.stdout.readline()
        assert process.returncode == 2
        assert said in process.stderr.read()
    assert training.poll() is None
    before = checkpoint.load(tmp_path / "run")[0].update
    begin = time.monotonic()
    training.kill()
    training.wait()
    updates = str(before // 5 + 2)  # epochs
    result = subprocess.run(command(tmp_path / "run", "--epochs", updates), cwd=root, capture_output=True, text=True,
                            check=False)
    assert result.returncode in (0, 6), result.stderr  # 6: more updates were made already
    assert "another process" not in result.stderr
    assert time.monotonic() - begin < 60
