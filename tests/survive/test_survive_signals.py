"""Tests SIGINT and SIGTERM: the update is finished, everything is saved, exit code 130 or 143 within two seconds."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

from frameworks import FRAMEWORKS

#: The step of a run (tests/harness/rehearsal.py), its number, the signal sent then; exit code, update of the newest
#: checkpoint. Checkpoints follow updates 2, 4, 5 (the end of the epoch), and so on. There are three test batches.
CASES = {
    "first-update-int": ([("made", 1, "SIGINT")], 130, 1),
    "first-update-term": ([("made", 1, "SIGTERM")], 143, 1),
    "training-int": ([("made", 8, "SIGINT")], 130, 8),
    "training-term": ([("made", 8, "SIGTERM")], 143, 8),
    "evaluation-int": ([("tested", 4, "SIGINT")], 130, 10),
    "evaluation-term": ([("tested", 4, "SIGTERM")], 143, 10),
    "end-of-epoch": ([("ended", 2, "SIGTERM")], 143, 11),  # after the first update of the third epoch
    "saving-int": ([("saving", 4, "SIGINT")], 130, 7),
    "saving-term": ([("saving", 4, "SIGTERM")], 143, 7),
    "between-two-files": ([("writing", 8, "SIGTERM")], 143, 7),
    "second-in-the-update": ([("made", 8, "SIGTERM"), ("made", 8, "SIGTERM")], 143, 6),
    "second-before-the-file": ([("made", 7, "SIGTERM"), ("writing", 9, "SIGTERM")], 143, 6),
    "second-before-the-manifest": ([("made", 7, "SIGINT"), ("writing", 10, "SIGTERM")], 143, 6),
    "deaf": ([("made", 8, "SIGTERM")], -signal.SIGTERM, 6),  # the counterpart: the signal is not handled
}
DRIVER = """
import json, os, signal, sys, time
from pathlib import Path
from reproduce.trainer import checkpoint
from tests.harness.kills import import_modules, read_final_state
from tests.harness.life import Life
from tests.harness.rehearsal import draw_data
from reproduce.trainer.stopping import Stopping

framework, folder, cases = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
import_modules(framework)
options = ["--framework", framework, "--epochs", "3", "--checkpoint-every", "2", "--device", "cpu", "--resume", "auto"]
data = draw_data(testing=2500)

def lived(name, signals=()):
    counts, left = {}, list(signals)
    def watch(step, update):
        counts[step] = counts.get(step, 0) + 1
        while left and left[0][:2] == [step, counts[step]]:
            (folder / f"{name}.at").write_text(str(time.monotonic()))
            os.kill(os.getpid(), getattr(signal, left.pop(0)[2]))
            time.sleep(0.01)  # until it has been heard
    return Life(options, folder / name, watch=watch, data=data).wait(), time.monotonic()

assert lived("whole")[0] == 0
found = {}
for name, signals in cases.items():
    Stopping.SIGNALS = () if name == "deaf" else (signal.SIGINT, signal.SIGTERM)
    code, end = lived(name, signals)
    left, wrong = checkpoint.load(folder / name)
    found[name] = {"code": code, "seconds": end - float((folder / f"{name}.at").read_text()), "update": left.update,
                   "wrong": wrong, "resumed": lived(name)[0],
                   "same": read_final_state(folder / name) == read_final_state(folder / "whole"),
                   "log": (folder / f"{name}.log").read_text()}
print(json.dumps(found))
"""


@pytest.fixture(scope="module", params=FRAMEWORKS)
def case_results(request, tmp_path_factory, root):
    """Return all cases of a framework, which is imported once."""
    cases = {name: signals for name, (signals, _, _) in CASES.items()}
    command = [sys.executable, "-c", DRIVER, request.param, tmp_path_factory.mktemp("runs"), json.dumps(cases)]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("case", CASES)
def test_a_signal_saves_and_ends(case, case_results):
    _, code, update = CASES[case]
    one = case_results[case]
    assert (one["code"], one["update"], one["wrong"]) == (code, update, []), one["log"]
    assert one["seconds"] < 2
    assert ("; continue with --resume auto" in one["log"]) is (code > 0 and not case.startswith("second"))
    assert (one["resumed"], one["same"]) == (0, True)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_real_run_ends_within_two_seconds(framework, root, tmp_path):
    """Stops the script on all of Fashion-MNIST from outside: by SIGTERM, then by SIGINT after it has continued."""
    command = [sys.executable, "-u", root / "reproduce/cosine.py", "--framework", framework, "--out", tmp_path,
               "--epochs", "1", "--device", "cpu", "--resume", "auto"]
    updates = [0]
    for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        with (tmp_path / "bar").open("w+b") as bar:
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=bar, start_new_session=True)
            try:
                end = time.monotonic() + 60
                while not _moves(tmp_path / "bar", updates[-1]) and time.monotonic() < end:
                    time.sleep(0.1)
                assert process.poll() is None, (tmp_path / "bar").read_text()
                begin = time.monotonic()
                process.send_signal(number)
                assert process.wait(timeout=60) == code, (tmp_path / "bar").read_text()[-2000:]
                assert time.monotonic() - begin < 2
            finally:
                process.kill()
        text = (tmp_path / "bar").read_text()
        (line,) = (line for line in text.splitlines() if line.startswith("stopped by "))
        assert line.startswith(f"stopped by {number.name} after update ")
        updates.append(int(line.split(";")[0].split()[-1]))
    assert 0 < updates[1] < updates[2]


def _moves(bar, update):
    """Return whether the progress bar shows more updates."""
    shown = bar.read_text().rpartition("| ")[2].partition("/")[0]
    return shown.isdigit() and int(shown) > update
