"""Kills the whole chapter again and again: no finished run is repeated, and the results are the same."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from frameworks import FRAMEWORKS

#: In every process: made-up images in place of Fashion-MNIST, five batches of eight.
SITE = """
from reproduce.trainer import batches, run
from tests.harness import rehearsal

small = rehearsal.draw_data()
run.load = lambda folder=None, offline=False: small
batches.BATCH = rehearsal.BATCH
"""


@pytest.fixture
def chapter(root, tmp_path, write_chapter):
    """Start two of the chapter's seven experiments in a separate process."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(SITE)
    script = write_chapter(2)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), str(root)])}

    def start(out, *arguments):
        with (tmp_path / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, script, "--out", tmp_path / out, "--checkpoint-every", "2",
                 *arguments], cwd=tmp_path, env=environment, stdout=log, stderr=log, start_new_session=True)

    return start


def records(folder):
    """Return all records, without the entries that may differ."""
    found = {}
    for path in sorted(folder.glob("*/record.json")):
        record = json.loads(path.read_text())
        for epoch in record["epochs"]:
            del epoch["seconds"]
        found[path.parent.name] = record | {"resumed": []}
    return found


def list_finished(folder):
    """Return the files of each finished run, as stored on the disk."""
    return {path.parent.name: {one.name: (one.stat().st_ino, one.stat().st_mtime_ns)
                               for one in (*path.parent.glob("record.json"), *path.parent.glob("checkpoints/*"))}
            for path in folder.glob("*/record.json") if json.loads(path.read_text())["finished"]}


def test_a_killed_chapter_repeats_nothing_and_ends_the_same(chapter, tmp_path):
    options = ["--framework", "all", "--epochs", "20", "--quiet", "--device", "cpu"]
    begin = time.monotonic()
    assert chapter("whole", *options).wait(timeout=300) == 0, (tmp_path / "log").read_text()
    assert "sitecustomize" not in (tmp_path / "log").read_text()  # Python continues without a module that fails
    whole, lasted = records(tmp_path / "whole"), time.monotonic() - begin
    assert sorted(whole) == sorted(f"{name}-{framework}-seed0" for name in ("constant", "square_root")
                                   for framework in FRAMEWORKS)
    instants, kills, before, code = random.Random(0), 0, {}, None
    while code != 0:
        process = chapter("killed", *options)
        # a run with its imports takes a sixth of the whole; a run that finishes within that is never started twice
        time.sleep(instants.uniform(0.05, 0.25) * lasted) if kills < 6 or not before else process.wait()
        process.kill()
        lasted *= 1.1  # on a machine that has become slower, each process still makes some epochs
        code = process.wait()
        assert code in (0, -signal.SIGKILL), (tmp_path / "log").read_text()
        kills += code != 0
        now = list_finished(tmp_path / "killed")
        assert {name: now[name] for name in before} == before
        before = now
    assert kills >= 3
    assert records(tmp_path / "killed") == whole
    assert (tmp_path / "log").read_text().count(": done already\n") > 0
    for path in (tmp_path / "whole").glob("**/*.svg"):
        assert (tmp_path / "killed" / path.relative_to(tmp_path / "whole")).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_chapter_has_its_run_saved(number, code, chapter, tmp_path):
    process = chapter("stopped", "--framework", "torch", "--epochs", "10000", "--device", "cpu")
    manifest = tmp_path / "stopped/constant-torch-seed0/checkpoints/manifest.json"
    end = time.monotonic() + 60
    while not manifest.exists() and time.monotonic() < end:
        time.sleep(0.1)
    process.send_signal(number)
    try:
        assert process.wait(timeout=10) == code
    finally:
        process.kill()
    log = (tmp_path / "log").read_text()
    assert f"stopped by {number.name} after update " in log
    assert f"update-{int(log.rpartition('after update ')[2].split(';')[0]):09}-" in manifest.read_text()
    assert "square_root" not in log


def test_a_signal_that_comes_when_the_run_has_ended_is_not_forgotten():
    """The run has ended with 0 nevertheless; the chapter must not start the next one."""
    code = ("import os, signal, sys, threading; from reproduce.trainer.child import run_child;"
            "threading.Timer(1, os.kill, (os.getpid(), signal.SIGTERM)).start();"
            "code = 'import signal, time; signal.signal(15, lambda *arguments: None); time.sleep(2)';"
            "sys.exit(run_child([sys.executable, '-c', code]))")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 143
