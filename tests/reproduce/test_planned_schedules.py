"""Tests plans of schedules that are not of the chapter, plans of plans, and the keys of their runs."""

from __future__ import annotations

import pytest

from reproduce.study import rows
from reproduce.study.check import read_sources
from reproduce.study.plan import PlanError, Trial, read_plan
from reproduce.study.schedules import PlannedSchedule
from tests.reproduce.test_study import record

PLAN = """
variants = ["described"]
frameworks = ["torch"]
seeds = {first = 7, count = 1}
epochs = 2
[[schedules]]
name = "falling"
schedule = {kind = "factor", base_lr = 0.3, factor = 0.5}
"""


@pytest.mark.parametrize(("change", "message"), [
    (('"falling"', '"Falling"'), "schedules.0.name: string should match pattern"),
    (("factor = 0.5", "factor = 1.5"), "schedules.0: value error, falling: factor: must be at most 1, got 1.5"),
    (('"factor"', '"factr"'), "schedules.0: value error, falling: kind: unknown kind; did you mean 'factor'?"),
    (('"falling"', '"falling"\nper = "day"'), "schedules.0.per: input should be 'epoch' or 'update'"),
    (('"falling"', '"falling"\ndepth = 4'), "schedules.0.depth: input should be greater than or equal to 5"),
    (("epochs = 2", "epochs = 2\naverage_from = 1"), None),
    (('["torch"]', '["mxnet"]'), None),
    (("epochs = 2", 'epochs = 2\nplans = ["plan.toml"]'),
     "plan.toml: plans: only a plan that no other one names may name plans"),
    (('["described"]', '["printed"]'), "schedules: have the variant described only, got printed too"),
    (("[[schedules]]", "[[schedule]]"), "schedule: extra inputs are not permitted"),
    (('name = "falling"', 'name = "falling"\ndepth = 6\n[[schedules]]\nname = "falling"'),
     "schedules.0.schedule: field required"),
])
def test_mistakes_in_a_planned_schedule(change, message, tmp_path):
    plan = tmp_path / "plan.toml"
    assert change[0] in PLAN
    plan.write_text(PLAN.replace(*change))
    if message is None:  # as counterparts: these are right
        assert len(read_plan(plan).list_trials()) == 1
        return
    with pytest.raises(PlanError) as caught:
        read_plan(plan)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{plan}: ")


def test_what_decides_a_run_is_in_its_key(tmp_path):
    def build(**changes):
        fields = {"name": "falling", "schedule": {"kind": "constant", "base_lr": 0.3}} | changes
        return PlannedSchedule(**fields).build_experiment().name

    others = [build(schedule={"kind": "constant", "base_lr": 0.31}), build(per="update"), build(depth=5),
              build(depth=6), build(schedule={"kind": "reduce_on_plateau", "base_lr": 0.3, "factor": 0.5,
                                              "patience": 1})]
    assert len({build(), *others}) == 6
    assert build(schedule={"base_lr": 0.3, "kind": "constant"}) == build()
    with pytest.raises(ValueError, match="falling: depth must not stand together with a reduce_on_plateau"):
        build(schedule={"kind": "reduce_on_plateau", "base_lr": 0.3, "factor": 0.5, "patience": 1}, depth=6)
    (tmp_path / "plan.toml").write_text(PLAN)
    [trial] = read_plan(tmp_path / "plan.toml").list_trials()
    rows.add(trial, record([0.5] * 2), tmp_path, "c")
    source = read_sources(tmp_path)[trial.key]  # from which `check` repeats it
    assert Trial.from_key(trial.key, source).experiment == trial.experiment
    assert PlannedSchedule.model_validate_json(source).build_experiment().name == trial.experiment


def test_mistakes_in_a_plan_of_plans(tmp_path):
    path = tmp_path / "all.toml"
    for text, message in (('plans = ["absent.toml"]', "absent.toml: cannot be read: No such file"),
                          ('plans = ["../plan.toml"]', "plans must be names of .toml files in its folder, got "),
                          ("plans = 3", "plans must be names of .toml files in its folder, got 3"),
                          ("plans = []", "plans: list should have at least 1 item"),
                          ('plans = ["all.toml"]', "all.toml: plans: only a plan that no other one names"),
                          ('plans = ["plan.toml"]\nepochs = 3', "epochs: extra inputs are not permitted")):
        (tmp_path / "plan.toml").write_text(PLAN)
        path.write_text(text)
        with pytest.raises(PlanError, match=message.replace("(", r"\(")):
            read_plan(path)


def test_plans_that_share_a_run_average_it_alike(tmp_path):
    """The counterpart shares the run, and is right."""
    (tmp_path / "a-plan.toml").write_text(PLAN)
    (tmp_path / "b.toml").write_text(PLAN.replace("epochs = 2", "epochs = 2\naverage_from = 1"))
    (tmp_path / "all.toml").write_text('plans = ["a-plan.toml", "b.toml"]')
    with pytest.raises(PlanError, match="plans must have one average_from for a run that"):
        read_plan(tmp_path / "all.toml")
    (tmp_path / "all.toml").write_text('plans = ["a-plan.toml", "a-plan.toml"]')
    assert len(read_plan(tmp_path / "all.toml").list_trials()) == 1


def test_an_unusable_schedule_of_a_trial_is_one_line(run):
    for text, message in (("{", "must be a schedule of a plan: invalid json"), ("cosin", "did you mean 'cosine'?")):
        done = run("reproduce/study/trial.py", "0", text, "--framework", "torch")
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
        assert message in done.stderr
