"""Tests each verdict of the protocol on runs with known outcomes, and the rule that all runs must be there."""

from __future__ import annotations

import pytest

from reproduce.study.analysis import registered, verdicts
from reproduce.study.analysis.procedures import correct_partly
from reproduce.study.analysis.samples import FEWEST, SEEDS, compare, count_discordant
from tests.study.constructed import build_run, build_study, build_whole, spread

CELLS = (("cosine", "torch"), ("constant", "torch"))
WEIGHTS = dict(zip(CELLS, (1, -1)))


def build_comparison(mean, deviation, alive=20, present=20):
    """Return a comparison of 20 registered seeds. alive: pairs without a dead run. present: pairs that are there."""
    first = {seed: build_run(0.85 + value, dead=number >= alive) for number, (seed, value) in enumerate(
        zip(SEEDS, spread(mean, deviation, present)))}
    second = {seed: build_run(0.85) for seed in SEEDS}
    return compare(build_study(dict(zip(CELLS, (first, second)))), WEIGHTS, "accuracy", SEEDS)


@pytest.mark.parametrize(("comparison", "statement", "frameworks", "effect"), [
    (build_comparison(0.02, 0.005), verdicts.TRUE, verdicts.DIFFERENT, verdicts.EFFECT),
    (build_comparison(0.004, 0.002), verdicts.SMALL, verdicts.BOTH, verdicts.SMALL_EFFECT),
    (build_comparison(-0.02, 0.005), verdicts.FALSE, verdicts.DIFFERENT, verdicts.EFFECT),
    (build_comparison(-0.004, 0.002), verdicts.FALSE, verdicts.BOTH, verdicts.SMALL_EFFECT),
    (build_comparison(0.0005, 0.003), verdicts.FALSE, verdicts.EQUIVALENT, verdicts.NO_EFFECT),
    (build_comparison(0.004, 0.02), *[verdicts.NOT_SETTLED] * 3),
    (build_comparison(0.02, 0.005, alive=FEWEST - 1), *[verdicts.NOT_SETTLED] * 3),
    (build_comparison(0.02, 0.005, alive=FEWEST), verdicts.TRUE, verdicts.DIFFERENT, verdicts.EFFECT),
    (build_comparison(0.02, 0.005, present=19), *[verdicts.PRELIMINARY] * 3),
    (build_comparison(0.02, 0.005, present=0), *[verdicts.PRELIMINARY] * 3),
], ids=["true", "true, small", "false by sign", "false by sign, small", "false by TOST", "not settled", "nine pairs",
        "ten pairs", "a run is missing", "no runs"])
def test_each_verdict(comparison, statement, frameworks, effect):
    [bounds] = correct_partly([comparison.p])
    assert verdicts.judge_statement(comparison, bounds, 1) == statement
    assert verdicts.judge_difference(comparison, bounds) == frameworks
    assert verdicts.judge_effect(comparison, bounds) == effect


def test_a_statement_may_expect_a_smaller_value():
    comparison = build_comparison(-0.02, 0.005)
    assert verdicts.judge_statement(comparison, (0.01, 0.01), -1) == verdicts.TRUE


def test_a_verdict_waits_while_the_correction_can_change_it():
    comparison = build_comparison(0.02, 0.005)
    for bounds, verdict in (((0.01, 0.04), verdicts.TRUE), ((0.01, 0.06), verdicts.PRELIMINARY),
                            ((0.05, 0.06), verdicts.NOT_SETTLED)):
        assert verdicts.judge_statement(comparison, bounds, 1) == verdict
        assert verdicts.judge_counts(True, 9, 1, bounds) == verdict


def test_dead_runs_are_left_out_of_the_difference_and_not_of_all_pairs():
    comparison = build_comparison(0.02, 0.0, alive=15)
    assert (comparison.difference.size, comparison.everything.size) == (15, 20)
    assert comparison.dead == {CELLS[0]: 5, CELLS[1]: 0}
    guessing = {seed: build_run(0.1, dead=True) for seed in SEEDS}
    guessing[100] = build_run(0.9)
    study = build_study({CELLS[0]: guessing, CELLS[1]: {seed: build_run(0.85) for seed in SEEDS}})
    comparison = compare(study, WEIGHTS, "accuracy", SEEDS)
    assert (comparison.difference.size, comparison.difference.mean) == (1, pytest.approx(0.05))
    assert comparison.everything.mean == pytest.approx((0.05 - 19 * 0.75) / 20)
    assert comparison.p == 1  # too few pairs: not significant in Holm's correction
    assert count_discordant(study, *CELLS, SEEDS) == (20, 19, 0)


def test_a_diverged_run_counts_with_the_accuracy_of_guessing_and_has_no_other_outcome():
    diverged = build_run(0.1, dead=True)
    for name in ("gap", "early", "roughness"):
        del diverged.outcomes[name]
    cells = {CELLS[0]: {100: diverged, 101: build_run()}, CELLS[1]: {100: build_run(0.85), 101: build_run(0.85)}}
    sizes = {outcome: compare(build_study(cells), WEIGHTS, outcome, (100, 101)).everything.size
             for outcome in ("accuracy", "gap", "early", "roughness")}
    assert sizes == {"accuracy": 2, "gap": 1, "early": 1, "roughness": 1}


def test_the_families_have_the_registered_sizes():
    study = build_whole({"cosine": (0.02, 0.005)})
    assert [len(results) for results in (
        registered.evaluate_statements(study), registered.compare_frameworks(study), registered.evaluate_effects(study),
        registered.evaluate_averaging(study), registered.count_dead_by_framework(study),
        registered.count_dead_by_warmup(study))] == [27, 15, 12, 21, 15, 3]
    seeds = {result.names[0]: result.comparison.registered for result in registered.compare_frameworks(study)}
    assert seeds == {"constant": 40, "multi_factor": 40, "square_root": 20, "cosine": 20, "warmup": 20}
    assert {result.comparison.registered for result in registered.evaluate_effects(study)} == {20}
    found = {result.names: result.verdict for result in registered.evaluate_statements(study)}
    assert found["S6", "mxnet"] == verdicts.TRUE
    assert found["S2", "torch"] == verdicts.FALSE  # by TOST
    assert found["S1", "torch"] == verdicts.TRUE


def test_only_comparisons_without_all_runs_are_preliminary():
    study = build_whole({"cosine": (0.02, 0.005)}, missing=[("cosine", "torch", 119), ("constant", "mxnet", 139)])
    found = {result.names: result.verdict for result in registered.evaluate_effects(study)}
    assert {names for names, verdict in found.items() if verdict == verdicts.PRELIMINARY} == {("cosine", "torch")}
    found = {result.names: result.verdict for result in registered.compare_frameworks(study)}
    assert {names for names, verdict in found.items() if verdict == verdicts.PRELIMINARY} == {
        ("constant", "mxnet", "torch"), ("constant", "mxnet", "tensorflow"), ("cosine", "mxnet", "torch"),
        ("cosine", "torch", "tensorflow")}


def test_a_seed_with_a_dead_run_is_left_out_of_the_mean_of_four():
    results = registered.evaluate_statements(build_whole({}, dead=["multi_factor"]))
    means = {result.names[0]: result for result in results if result.names[1] == "torch"}
    for name in ("S5", "S8", "S9"):
        assert (means[name].comparison.difference.size, means[name].verdict) == (0, verdicts.NOT_SETTLED)
    assert means["S8"].comparison.weights == {(name, "torch"): weight for name, weight in (
        ("square_root", 0.25), ("multi_factor", 0.25), ("cosine", 0.25), ("warmup", 0.25), ("constant", -1))}
    assert means["S2"].comparison.difference.size == 20


def test_warm_up_prevents_divergence_only_if_fewer_runs_are_dead():
    for dead, verdict in (("cosine", verdicts.TRUE), ("warmup", verdicts.FALSE), ("factor", verdicts.NOT_SETTLED)):
        counts = registered.count_dead_by_warmup(build_whole({}, dead=[dead]))
        assert [count.verdict for count in counts] == [verdict] * 3
    counts = registered.count_dead_by_warmup(build_whole({}, dead=["cosine"], missing=[("warmup", "torch", 100)]))
    assert [count.verdict for count in counts] == [verdicts.TRUE, verdicts.PRELIMINARY, verdicts.TRUE]


@pytest.mark.parametrize(("single", "overall"), [
    (["true", verdicts.SMALL, "true"], "true"), (["false"] * 3, "false"), (["not settled"] * 3, "not settled"),
    (["true", "false", "true"], "mxnet: true; torch: false; tensorflow: true"),
    (["true", "preliminary", "true"], "preliminary"), (["preliminary"] * 3, "preliminary"),
])
def test_the_verdict_over_all_frameworks(single, overall):
    assert verdicts.summarize(single, ("mxnet", "torch", "tensorflow")) == overall
