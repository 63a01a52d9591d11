"""Tests the plans of the study, and the runs that they list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reproduce.study import rows
from reproduce.study.plan import PlanError, Trial, read_plan
from tests.reproduce.test_study import PLAN, TRIAL, record


@pytest.mark.parametrize(("change", "message"), [
    (("cosine", "cosin"), "experiments must be of constant, square_root, "),
    (('["torch"]', '["torch", "torch"]'), "frameworks must be different, got torch, torch"),
    (('"torch"', '"pytroch"'), "frameworks.0: input should be 'mxnet', 'torch' or 'tensorflow'"),
    (("epochs = 1", "epochs = 0"), "epochs: input should be greater than or equal to 1"),
    (("average_from = 1", "average_from = 2"), "average_from must be at most epochs, 1, got 2"),
    (("first = 7", "first = 2147483647"), "seeds must be at most 2147483647, got 2147483648"),
    (("epochs = 1", "epoch = 1"), "epochs: field required"),
    (("count = 2", "count = "), "cannot be read: Invalid value"),
    (('"cosine"]\nvariants = ["described"]', '"factor"]\nvariants = ["printed"]'),
     "the book prints no training of factor: take it out of a plan with variant printed"),
    (("epochs = 1", "epochs = 1\nrates = [0.3, 0.3]"), "rates must be different, got 0.3, 0.3"),
    (("epochs = 1", "epochs = 1\nrates = [0.0]"), "rates.0: input should be greater than 0"),
    (("epochs = 1", "epochs = 1\nrates = []"), "rates: list should have at least 1 item after validation, not 0"),
    (('"cosine"]', '"factor"]\nrates = [0.5, 0.001]'), "rates: 0.001 with factor: "),
    (('"described"]', '"printed"]\nrates = [0.5]'), "rates: variant printed has the rates of the book's code only"),
])
def test_mistakes_in_a_plan(change, message, tmp_path):
    plan = tmp_path / "plan.toml"
    assert change[0] in PLAN
    plan.write_text(PLAN.replace(*change))
    with pytest.raises(PlanError) as caught:
        read_plan(plan)
    assert str(caught.value).startswith(f"{plan}: ")
    assert message in str(caught.value)


def test_the_plans_are_those_of_the_protocol():
    plans = {path.stem: read_plan(path).list_trials() for path in (rows.HERE / "plans").glob("*.toml")}
    assert {name: len(trials) for name, trials in plans.items()} == {
        "chapter": 300, "chapter_more": 120, "chapter_others": 120, "printed": 300, "stalled": 1200}
    every = [trial.key for trials in plans.values() for trial in trials]
    assert len(set(every)) == len(every)
    assert min(int(key[3]) for key in every) == 100
    assert {(trial.lr, trial.seed) for trial in plans["stalled"]} == {
        (rate, seed) for rate in (0.3, 0.5) for seed in range(1000, 1200)}
    assert [trial.framework for trial in plans["printed"]][:3] == ["mxnet", "torch", "tensorflow"]


def test_the_key_of_a_run_has_the_rate_of_its_command(tmp_path):
    """Runs that differ only in their rate have separate rows."""
    trials = [Trial("constant", "described", "torch", 1000, 3, lr=rate) for rate in (0.3, 0.5, 1e-5)]
    for trial in trials:
        assert Trial.from_key(trial.key) == trial
        assert rows.add(trial, record([0.5] * 3), tmp_path, "c")["test_accuracy_5"] == ""
    assert list(rows.read_rows(tmp_path)) == [
        (f"constant-lr{rate}", "described", "torch", "1000", "3") for rate in ("0.3", "0.5", "1e-05")]
    assert trials[1].name == "constant-lr0.5-described-torch-seed1000-epochs3"
    assert trials[1].arguments[-2:] == ["--lr", "0.5"]
    assert Trial.from_key(TRIAL.key) == replace(TRIAL, average_from=None)
