"""Kills trainings by SIGKILL at random times: each checkpoint is complete, and at most one interval is lost."""

from __future__ import annotations

import json

import pytest

from frameworks import FRAMEWORKS
from tests.harness.kills import INTERVAL

KILLS = 20


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_twenty_kills_lose_at_most_an_interval(framework, run):
    result = run("-m", "tests.harness.kills", "--framework", framework, "--kills", KILLS)
    assert result.returncode == 0, result.stdout + result.stderr
    found = json.loads(result.stdout)
    assert (found["kills"], found["wrong"]) == (KILLS, [])
    assert (found["torn"], found["missing"], found["other_weights"], found["other_runs"]) == (0, 0, 0, 0)
    assert found["most_updates_lost"] <= found["interval"] == INTERVAL
    assert found["kills_while_saving"] >= 3
    assert found["runs"] >= 1


BROKEN = {
    # writes in place, and the second half of a manifest some time after the first
    "torn": """
def in_place(path, content):
    with path.open("wb", buffering=0) as file:
        file.write(content[:len(content) // 2])
        time.sleep(0.5 * (path.name == "manifest.json"))  # longer than an update, so that a kill after one falls in it
        file.write(content[len(content) // 2:])

checkpoint.replace_whole = in_place
""",
    # omits two checkpoints of three
    "most_updates_lost": """
save, calls = checkpoint.save, []
checkpoint.save = lambda *arguments: (calls.append(1), len(calls) % 3 or save(*arguments))
""",
    # sometimes loses the manifest
    "missing": """
checkpoint._remove_others = lambda folder, kept: (folder / "manifest.json").unlink()
""",
    # saves weights with one wrong bit
    "other_weights": """
save = checkpoint.save
def one_bit_off(made, out):
    made.weights["dense3.bias"].view("int32")[0] += 1
    save(made, out)
checkpoint.save = one_bit_off
""",
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_checkpoint_is_found(what, run):
    """As a counterpart, one change is made in each child, and the same command reports the error."""
    result = run("-c", f"""
import sys, time
from reproduce.trainer import checkpoint
from tests.harness import kills, life

lived = life.Life._train
def broken(self, arguments, out, pipe, weights, *others):
    if not weights:  # the uninterrupted run is as it should be
        exec({BROKEN[what]!r}, {{"checkpoint": checkpoint, "time": time}})
    return lived(self, arguments, out, pipe, weights, *others)

life.Life._train = broken
kills.YOUNG = kills.MIDST = 0.0  # each kill follows an update; otherwise chance could leave the planted fault unseen
sys.exit(kills.main(["--framework", "torch", "--kills", "12"]))
""")
    assert result.returncode == 1, result.stdout + result.stderr
    found = json.loads(result.stdout)
    assert found[what] > (INTERVAL if what == "most_updates_lost" else 0)
