"""Tests the answers to the exercises on runs with known outcomes, their page, and the plan that confirms exercise 1."""

from __future__ import annotations

import re
import shutil

import pytest

from reproduce.exercises import __main__ as command
from reproduce.exercises import averaging, cycles, drift, exercise, fixed_rate, page, plateau, tables, warmups
from reproduce.exercises.results import Results
from reproduce.study.analysis.samples import DISTANCE, Study
from reproduce.study.plan import read_plan, read_single_plan
from reproduce.trainer.errors import OutputError
from tests.study.constructed import DEAD, build_exercise, build_run, read_exercise, spread


@pytest.fixture
def plans(tmp_path, monkeypatch):
    """Return a copy of the folder of plans, to which the confirmation is written."""
    folder = tmp_path / "plans"
    shutil.copytree(exercise.HERE / "plans", folder)
    (folder / "fixed_rate_confirm.toml").unlink(missing_ok=True)
    monkeypatch.setattr(fixed_rate, "CONFIRM", folder / "fixed_rate_confirm.toml")
    return folder


#: At .5 the runs that learned are the best, but one of ten is dead; .2 and .1 are the best two.
RATES = {"constant-lr0.5": [0.9] * 9 + [DEAD], "constant-lr0.2": [0.89] * 10, "constant-lr0.1": [0.885] * 10,
         "constant-lr1.0": [DEAD] * 10}


def test_dead_runs_count_in_the_choice_of_a_rate(plans):
    results = read_exercise(fixed_rate.EXERCISE, values=RATES)
    assert fixed_rate.choose_best(results) == [0.2, 0.1]
    text = fixed_rate.answer(results)
    assert text.startswith("0.2 and 0.1 have the highest mean test accuracy in torch, dead runs included. Dead runs: "
                           "1 of 10 with constant-lr0.5 in torch, 10 of 10 with constant-lr1.0 in torch. "
                           "They are not confirmed yet: `")
    # Wilson's interval of 1 of 10, and of 10 of 10
    assert "| constant-lr0.5 | torch | 10 of 10 | 0.9000 | 0.9000 to 0.9000 | 1 | 0.02 to 0.40 | 0 | 1 |" in text
    assert "| constant-lr1.0 | torch | 10 of 10 | - | - | 10 | 0.72 to 1.00 | 0 | 10 |" in text
    equal = read_exercise(fixed_rate.EXERCISE)
    assert fixed_rate.choose_best(equal) == [0.01, 0.02]  # of equal ones the lower


def test_nothing_is_chosen_while_a_run_is_missing(plans):
    results = read_exercise(fixed_rate.EXERCISE, values=RATES, missing=[("constant-lr0.01", 2003)])
    assert fixed_rate.choose_best(results) is None
    assert fixed_rate.answer(results).startswith("No rate is chosen before all runs in torch are there.")
    assert "| constant-lr0.01 | torch | 9 of 10 |" in fixed_rate.answer(results)


def test_the_confirmation_has_other_seeds_and_three_frameworks(plans, monkeypatch, capsys):
    study = build_exercise(fixed_rate.EXERCISE.plan, RATES)
    monkeypatch.setattr(page, "read_results", lambda folder: study)
    assert command.main(["confirm"]) == 0
    assert "0.2 and 0.1" in capsys.readouterr().out
    trials, first = read_plan(fixed_rate.CONFIRM).list_trials(), read_plan(fixed_rate.EXERCISE.plan).list_trials()
    assert (len(trials), {trial.lr for trial in trials}) == (60, {0.1, 0.2})
    assert not {trial.seed for trial in trials} & {trial.seed for trial in first}
    other = build_exercise(fixed_rate.CONFIRM, {"constant-lr0.2": spread(0.89, 0.002, 10)},
                           ("mxnet", "torch", "tensorflow"))
    runs = study.runs["described", 30]
    for cell, more in other.runs["described", 30].items():
        runs.setdefault(cell, {}).update(more)
    text = fixed_rate.answer(Results(read_single_plan(fixed_rate.EXERCISE.plan), study))
    assert "On other seeds, 60 of 60 runs:" in text
    # of constant-lr0.1 every run has .88
    assert (" Test accuracy on other seeds, with 95 % intervals:\n\n"
            "- constant-lr0.1: 0.8800 in mxnet (0.8800 to 0.8800; 10 runs), 0.8800 in torch (") in text
    assert "\n- constant-lr0.2: 0.8900 in mxnet (0.8886 to 0.8914; 10 runs), " in text
    # mean .01, standard deviation .002 * .9741, n = 10: half the interval is 2.262 * .001948 / 10^.5 = .0014
    assert text.count("| constant-lr0.2 | constant-lr0.1 | torch | better | +0.0100 (+0.0086 to +0.0114; 10) |") == 1
    assert "Of 3 differences: 3 better." in text


def test_a_rate_whose_runs_all_died_has_no_accuracy():
    lines = tables.describe_accuracy(read_exercise(fixed_rate.EXERCISE, values=RATES)).splitlines()
    assert "- constant-lr1.0: - in torch (no run learned)." in lines
    assert "- constant-lr0.5: 0.9000 in torch (0.9000 to 0.9000; 9 runs)." in lines


def test_a_confirmation_of_other_rates_is_noticed(plans):
    plan = command.PLAN.format(rates=[0.3, 0.5])
    fixed_rate.CONFIRM.write_text(plan)
    with pytest.raises(OutputError, match=r"rates must be the best two, 0.2 and 0.1; confirm them again"):
        fixed_rate.answer(read_exercise(fixed_rate.EXERCISE, values=RATES))


def test_without_all_runs_nothing_is_confirmed(plans, monkeypatch, capsys):
    monkeypatch.setattr(page, "read_results", lambda folder: Study({}, "none"))
    assert command.main(["confirm"]) == 2
    assert capsys.readouterr().err == (f"{fixed_rate.EXERCISE.plan}: must have all its runs before two rates are "
                                       "chosen, has 0 of 110\n")
    assert not fixed_rate.CONFIRM.exists()


@pytest.mark.parametrize(("gain", "missing", "verdict"), [
    (0.01, [], "better"), (-0.01, [], "worse"), (0.0, [], "not settled"),
    (0.01, [("warmup_cosine", 100)], "preliminary")])
def test_a_verdict_needs_a_clear_difference_and_all_runs(gain, missing, verdict):
    values = {"cosine": [0.88] * 10, "warmup_cosine": spread(0.88 + gain, 0.002, 10)}
    text = warmups.answer(read_exercise(warmups.EXERCISE, values=values, missing=missing))
    assert f"| warm-up cosine | cosine | torch | {verdict} |" in text
    # the others are equal in all runs: p is 1, and settles nothing
    assert "| warm-up factor | factor | torch | not settled | +0.0000 (+0.0000 to +0.0000; 10) |" in text


def test_few_pairs_settle_nothing():
    values = {"triangular": [*spread(0.95, 0.002, 4), *[DEAD] * 6]}
    assert "| triangular | constant | torch | not settled | +0.0" in cycles.answer(
        read_exercise(cycles.EXERCISE, values=values))


def build_drift(scale):
    run = build_run()
    run.curves.update({f"{DISTANCE}{name}": [scale * value] * 30
                       for name, value in (("first", 0.1), ("hidden", 0.2), ("last", 0.6))})
    return [run] * 10


#: Without a warm-up all distances are doubled.
DRIFT = {f"depth{depth}_{arm}": build_drift(scale) for depth in (5, 20)
         for arm, scale in (("warmup", 1), ("without", 2))}


def test_the_drift_of_layers():
    """The mean of the layers .1, .2, .6 is .3, and the last hidden layer has .2."""
    text = drift.answer(read_exercise(drift.EXERCISE, values=DRIFT))
    assert ("After epoch 5, the mean of all layers. Of 2 differences: 2 closer." in text)
    assert text.count("| depth20 warm-up | depth20 without | torch | closer | -0.3000 (") == 3
    assert text.count("| depth20 warm-up | depth20 without | torch | closer | -0.2000 (") == 3
    with pytest.raises(OutputError, match=r"curves.jsonl: a run of drift.toml must have distances, has none"):
        drift.answer(read_exercise(drift.EXERCISE))


def test_averaged_weights_and_reductions():
    text = averaging.answer(read_exercise(averaging.EXERCISE))  # constructed runs gain .01 each
    assert "| cyclic, averaged | cyclic | torch | better | +0.0100 (+0.0100 to +0.0100; 10) |" in text
    assert "| cosine restarts | constant | torch | not settled |" in text
    run = build_run()  # its train loss stays the same: 28 bad epochs before the last, each of which halves .3, to .01
    assert run.curves["train_loss"] == [0.2] * 30
    text = plateau.answer(read_exercise(plateau.EXERCISE))
    assert "- plateau_patience0 in torch: the last epoch has the rates 0.01 to 0.01, in 10 runs." in text


def test_every_exercise_has_a_section_a_figure_and_no_preliminary_verdict(plans):
    studies = [build_exercise(each.plan, DRIFT, ("mxnet", "torch")) for each in page.EXERCISES]
    every = {}
    for epochs, cells in (item for study in studies for item in study.runs.items()):
        every.setdefault(epochs, {}).update(cells)
    files = page.build_files(Study(every, "digest"))
    text = files[page.PAGE]
    assert set(re.findall(r"\]\((figures/\w+\.svg)\)", text)) == set(files) - {page.PAGE}
    assert len(files) == 1 + len(page.EXERCISES)
    assert "**555 of 555 runs are made.** 60 more will confirm exercise 1. A schedule" in text
    assert ("| preliminary |" in text, "Not run" in text) == (False, False)
    assert page.build_files(Study(every, "digest")) == files
    fixed_rate.CONFIRM.write_text(command.PLAN.format(rates=[0.01, 0.02]))  # the lowest two, since all are equal
    assert "**555 of 615 runs are made.** A schedule" in page.build_files(Study(every, "digest"))[page.PAGE]


def test_a_missing_library_is_one_line(run):
    code = ("import sys; sys.modules['scipy'] = None; from reproduce.exercises.__main__ import main; "
            "sys.exit(main([{!r}]))")
    for name in ("results", "confirm"):
        result = run("-c", code.format(name))
        assert (result.returncode, result.stdout, result.stderr) == (
            2, "", "scipy is not installed; pip install -r requirements/study.txt in a clone of this project\n")


def test_the_one_plan_has_every_exercise():
    names = {each.plan.name for each in page.EXERCISES}
    assert {name for name in names if f'"{name}"' in page.ALL.read_text()} == names
