"""Tests the comparison with the published results, and the stalled runs, on runs with known outcomes."""

from __future__ import annotations

import pytest

from reproduce.constant import EXPERIMENT
from reproduce.results.__main__ import read_published
from reproduce.study.analysis import unpaired, verdicts
from reproduce.study.analysis.samples import SEEDS
from reproduce.trainer.manifest import compute_json_digest
from tests.study.constructed import build_run, build_study, spread

PUBLISHED = read_published()


def compare(name, framework, *, accuracy=0.0, loss=1.0, runs=20, dead=0, deviation=0.001):
    """Return the result of a cell, relative to the published means: accuracy added, loss multiplied."""
    renders = [row for row in PUBLISHED[name, framework] if float(row["train_loss"]) < 2.3]
    means = [sum(float(row[column]) for row in renders) / len(renders) for column in ("test_accuracy", "train_loss")]
    cell = {seed: build_run(means[0] + accuracy + part, dead=number < dead, loss=means[1] * loss * (1 + 3 * part))
            for number, (seed, part) in enumerate(zip(SEEDS, spread(0, deviation, runs)))}
    cell[99] = build_run(0.5)  # a seed that is not registered
    [result] = unpaired.compare_with_book(build_study({(name, framework): cell}, "printed"), PUBLISHED)
    assert (result.names, result.runs, result.renders) == ((name, framework), runs, len(PUBLISHED[name, framework]))
    return result


@pytest.mark.parametrize(("change", "accuracy", "loss"), [
    ({}, verdicts.EQUIVALENT, verdicts.EQUIVALENT),
    ({"accuracy": 0.02}, verdicts.NOT_SETTLED, verdicts.EQUIVALENT),
    ({"loss": 1.07}, verdicts.EQUIVALENT, verdicts.NOT_SETTLED),
    ({"runs": 19}, verdicts.PRELIMINARY, verdicts.PRELIMINARY),
    ({"dead": 11}, verdicts.NOT_SETTLED, verdicts.NOT_SETTLED),
    ({"dead": 19}, verdicts.NOT_SETTLED, verdicts.NOT_SETTLED),
    ({"dead": 20}, verdicts.NOT_SETTLED, verdicts.NOT_SETTLED),
])
def test_verdicts_against_the_book(change, accuracy, loss):
    result = compare("square_root", "torch", **change)
    assert (result.accuracy_verdict, result.loss_verdict) == (accuracy, loss)


def test_the_tolerance_of_the_loss_is_that_of_the_protocol():
    for name, framework, share in (("cosine", "torch", 0.10), ("warmup", "torch", 0.10), ("cosine", "mxnet", 0.05)):
        losses = [float(row["train_loss"]) for row in PUBLISHED[name, framework]]
        assert compare(name, framework).bound == pytest.approx(share * sum(losses) / len(losses))
    assert compare("warmup", "torch", loss=1.05).loss_verdict == verdicts.EQUIVALENT


def test_the_constant_rate_is_compared_by_its_distribution():
    result = compare("constant", "mxnet", deviation=0.05)
    assert (result.loss, result.loss_verdict, result.dead_renders) == (None, unpaired.NOT_DISTINGUISHABLE, 4)
    assert compare("constant", "mxnet", loss=2).loss_verdict == verdicts.DIFFERENT
    assert compare("constant", "mxnet", dead=10).p_dead < 0.01 < compare("constant", "mxnet", dead=2).p_dead


def test_values_are_rounded_as_the_published_ones():
    assert compare("cosine", "torch", deviation=1e-6).accuracy.mean == pytest.approx(0, abs=6e-4)
    renders = [{"train_loss": loss, "test_accuracy": accuracy} for loss, accuracy in (
        ("0.5", "0.900"), ("0.6", "0.902"))]
    cell = {100: build_run(0.90149), 101: build_run(0.90251, loss=0.3)}
    [result] = unpaired.compare_with_book(build_study({("cosine", "torch"): cell}, "printed"),
                                          {("cosine", "torch"): renders})
    assert result.accuracy.mean == pytest.approx((0.901 + 0.903) / 2 - 0.901)


def test_without_runs_there_is_nothing_to_compare():
    assert unpaired.compare_with_book(build_study({}), PUBLISHED) == []
    assert unpaired.count_stalled_runs(build_study({})) == []


def test_stalled_runs_are_counted_by_their_rate():
    """The rate is that of the digest of a run's schedule; seeds that are not registered are left out."""
    digests = {rate: compute_json_digest(EXPERIMENT.replace_rate(rate).build_schedule("described", "torch").model_dump(
        mode="json"))[:16] for rate in unpaired.RATES}
    cells = {}
    for framework, stalled in (("mxnet", 30), ("torch", 10), ("tensorflow", 10)):
        for name, rate in (("constant-lr0.3", 0.3), ("constant-lr0.5", 0.5)):
            cells[name, framework] = {seed: build_run(stalled=seed < 1000 + stalled, schedule=digests[rate])
                                      for seed in range(990, 1200)}
    cells["other", "torch"] = {1000: build_run(schedule="of another rate")}
    study = build_study(cells, epochs=unpaired.STALLED_EPOCHS)
    counts = unpaired.count_stalled_runs(study)
    assert [(count.rate, count.framework, count.runs, count.stalled) for count in counts] == [
        (rate, framework, 200, stalled) for rate in (0.3, 0.5)
        for framework, stalled in (("mxnet", 30), ("torch", 10), ("tensorflow", 10))]
    assert counts[0].interval == pytest.approx((0.107, 0.206), abs=1e-3)  # Wilson, 30 of 200
    tests = unpaired.compare_stalled_runs(study)
    assert [(test.names, test.only_first, test.only_second) for test in tests[:3]] == [
        (("0.3", "mxnet", "torch"), 20, 0), (("0.3", "mxnet", "tensorflow"), 20, 0),
        (("0.3", "torch", "tensorflow"), 0, 0)]
    assert [test.verdict for test in tests[:3]] == [verdicts.FALSE, verdicts.FALSE, verdicts.NOT_SETTLED]
    del cells["constant-lr0.5", "torch"][1100]
    assert {test.names: test.verdict for test in unpaired.compare_stalled_runs(study)}["0.5", "mxnet", "torch"] == (
        verdicts.PRELIMINARY)
