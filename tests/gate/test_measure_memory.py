"""Tests that `measure` prints its document in pieces, the same in any number of them, and needs little memory."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from frameworks import FRAMEWORKS, backend
from frameworks.observation import CHUNK, Observation
from frameworks.schedule import Cosine, lrs, write
from parity.measuring import measure as measuring
from parity.measuring.measure import iterate_text, measure_columns

cosine = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
#: Prints the growth of the largest memory, in KiB: measures a few updates, then more.
GROWTH = """
import sys
from parity.__main__ import main
def read_peak():
    return int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
arguments = ["measure", sys.argv[1], "--framework", sys.argv[2], "--updates"]
assert main([*arguments, "100"]) == 0
before = read_peak()
assert main([*arguments, sys.argv[3]]) == 0
print(read_peak() - before, file=sys.stderr)
"""


@pytest.fixture
def planted(monkeypatch):
    """Plant a framework with 50 rates in two groups, of which one weight differs."""
    applied = np.repeat(lrs(cosine, 50).astype(np.float32)[:, None], 11, axis=1)
    applied[7, 3] = 2.0

    class Planted:
        observe = staticmethod(lambda schedule, updates: Observation(applied[:updates], np.arange(updates) / 8))

    monkeypatch.setattr(measuring, "backend", lambda framework, any_keras: Planted)


@pytest.mark.parametrize("chunk", [1, 7, 50, 1000])
@pytest.mark.parametrize("schedules", [[], [("a", cosine, 50)], [("a", cosine, 50), ("é\n", cosine, 1)]])
def test_the_text_is_that_of_the_document(chunk, schedules, planted, monkeypatch):
    monkeypatch.setattr(measuring, "CHUNK", chunk)
    text = "".join(iterate_text(measure_columns("torch", schedules)))
    assert text == json.dumps(measuring.measure("torch", schedules))
    for (name, _, updates), result in zip(schedules, json.loads(text)["specifications"], strict=True):
        assert (result["name"], len(result["bits"]), result["rates"][0]) == (name, updates, float(np.float32(0.3)))
        assert result["differing"] == [{"update": 7, "parameter": 1, "bits": "40000000"}] * (updates > 7)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_rates_after_the_first_chunk_are_those_of_the_schedule(framework):
    """Torch and Keras make CHUNK updates at once."""
    rising = Cosine(base_lr=0.3, final_lr=0.01, updates=2 * CHUNK)
    seen = backend(framework).observe(rising, CHUNK + 3)
    assert seen.applied[:, 0].tolist() == lrs(rising, CHUNK + 3).astype(np.float32).tolist()
    assert len(seen.reported) == CHUNK + 3


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_memory_of_many_updates_is_bounded(framework, tmp_path, root):
    """For 1,000,000 updates 500 MB are promised, in addition to the framework: 500 bytes for an update."""
    write(cosine, tmp_path / "cosine.json")
    updates = 60_000
    done = subprocess.run([sys.executable, "-c", GROWTH, tmp_path / "cosine.json", framework, str(updates)], cwd=root,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stderr.split()[-1]) * 1024 < 500 * updates
