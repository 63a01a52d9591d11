"""Tests that the same seed gives the same bits in two processes, with one thread and with two."""

from __future__ import annotations

import json

import pytest

from frameworks import FRAMEWORKS
from tests.harness import twice


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_two_processes_train_the_same_bits(framework, run):
    result = run("-m", "tests.harness.twice", "--framework", framework)
    assert result.returncode == 0, result.stdout + result.stderr
    found = json.loads(result.stdout)["found"]
    assert [(one["threads"], one["processes"]) for one in found] == [(1, 2), (2, 2)]
    assert {(one["different_weights"], one["different_losses"]) for one in found} == {(1, 1)}


def test_other_first_weights_show(monkeypatch, capsys, run):
    """As a counterpart, one process starts from the weights of another seed."""
    seeds = []

    def start_training(name, threads):
        seeds.append(len(seeds) + 1)
        result = run("-m", "tests.harness.twice", "--framework", name, "--once", threads, "--seed-of-weights",
                     seeds[-1])
        return json.loads(result.stdout)

    monkeypatch.setattr(twice, "_run", start_training)
    monkeypatch.setattr(twice, "THREADS", (1,))
    assert twice.main(["--framework", "torch"]) == 1
    assert json.loads(capsys.readouterr().out)["found"][0]["different_weights"] == 2
