"""Tests that a continued run equals the uninterrupted run bit for bit; in another framework, as far as possible."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from frameworks import FRAMEWORKS, backend
from frameworks.weights import compute_digest
from reproduce.trainer import checkpoint
from reproduce.trainer.manifest import Manifest
from tests.harness.kills import read_final_state

WHOLE = {}
#: Where a run of three epochs is stopped: the method of the checkpointer, and at which of its calls.
PLACES = {"first-update": ("count_update", 1), "mid-epoch": ("count_update", 6), "end-of-epoch": ("count_update", 8),
          "evaluation": ("pause", 2), "epoch-boundary": ("finish_epoch", 2), "last-update": ("count_update", 12),
          "last-evaluation": ("pause", 3), "end": ("finish_epoch", 3)}


@pytest.fixture
def uninterrupted_run(short_run, tmp_path):
    """Return the result and the figure of the uninterrupted run of a framework and variant."""
    def run(framework, variant="described"):
        if (framework, variant) not in WHOLE:
            assert short_run(framework, "whole", "--variant", variant) == 0
            WHOLE[framework,
                  variant] = *read_final_state(tmp_path / "whole"), (tmp_path / "whole/figure.svg").read_bytes()
        return WHOLE[framework, variant]

    return run


def find_resumed(out):
    """Return where the run was continued, from its newest checkpoint."""
    return Manifest.read((out / "checkpoints/manifest.json").read_bytes()).checkpoints[0].record["resumed"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("variant", ["described", "printed"])
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_resumed_run_is_the_uninterrupted_one(
        framework, variant, place, short_run, uninterrupted_run, stopped_at, tmp_path, capsys):
    record, weights, figure = uninterrupted_run(framework, variant)
    stopped_at(*PLACES[place])
    assert short_run(framework, "parts", "--variant", variant) == 143
    update = checkpoint.load(tmp_path / "parts")[0].update
    assert f"stopped by SIGTERM after update {update}; continue with --resume auto\n" in capsys.readouterr().err
    assert not (tmp_path / "parts/figure.svg").exists()
    assert short_run(framework, "parts", "--variant", variant, "--resume", "auto") == 0
    assert f"continuing after update {update}\n" in capsys.readouterr().out
    assert read_final_state(tmp_path / "parts") == (record, weights)
    assert len(record["applied_rates"]) == (3 if framework != "mxnet" or variant == "described" else 10)
    assert [one["update"] for one in find_resumed(tmp_path / "parts")] == [update]
    assert (tmp_path / "parts/figure.svg").read_bytes() == figure


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_weight_that_is_one_bit_off_would_show(framework, short_run, uninterrupted_run, stopped_at, tmp_path):
    """As a counterpart, the checkpoint is saved again with the lowest bit of one weight flipped."""
    record, weights, _ = uninterrupted_run(framework)
    stopped_at("count_update", 6)
    assert short_run(framework, "parts") == 143
    found, _ = checkpoint.load(tmp_path / "parts")
    found.weights["dense2.weight"].view(np.int32)[0, 0] ^= 1
    checkpoint.save(found, tmp_path / "parts")
    assert short_run(framework, "parts", "--resume", "auto") == 0
    other_record, other_weights = read_final_state(tmp_path / "parts")
    assert other_weights != weights
    assert other_record != record


@pytest.mark.parametrize(("first", "second"), [*permutations(FRAMEWORKS, 2)])
def test_another_framework_goes_on(
        first, second, short_run, uninterrupted_run, stopped_at, monkeypatch, tmp_path, capsys):
    """The weights at the change of framework, every rate and every batch are equal in every bit."""
    whole = uninterrupted_run(second)[0]
    stopped_at("count_update", 6)
    assert short_run(first, "parts") == 143
    handed, _ = checkpoint.load(tmp_path / "parts")
    given, train = [], backend(second).train
    monkeypatch.setattr(backend(second), "train", lambda net, *arguments, **options: (
        given.append(compute_digest(backend(second).read_weights(net).values())), train(net, *arguments, **options))[1])
    capsys.readouterr()
    assert short_run(second, "other", "--resume", "parts") == 0
    assert f"continuing after update 6 of the run in {first}\n" in capsys.readouterr().out
    assert given == [compute_digest(handed.weights.values())]
    record, (hand_over,) = read_final_state(tmp_path / "other")[0], find_resumed(tmp_path / "other")
    assert [(one["update"], one["bits"]) for one in record["applied_rates"]] == [
        (one["update"], one["bits"]) for one in whole["applied_rates"]]
    assert [one["batches_sha256"] for one in record["epochs"]] == [one["batches_sha256"] for one in whole["epochs"]]
    assert record["epochs"][-1]["train_loss"] == pytest.approx(whole["epochs"][-1]["train_loss"], rel=1e-3)
    assert (hand_over["update"], hand_over["framework"], record["framework"]) == (6, first, second)
    assert list(hand_over["versions"]) == ["python", "numpy", first]
    assert checkpoint.load(tmp_path / "parts")[0].update == 6  # unchanged


