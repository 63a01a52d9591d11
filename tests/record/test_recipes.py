"""Tests the recipes: the page is current, and the harness refuses a script that does not do what it has to."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from frameworks.schedule import lrs
from parity.mistakes.search.causes import KNOWN
from tests.harness.recipes import RECIPES, Wrong, read_script, read_wrong
from tests.harness.recipes.__main__ import SCHEDULE, find_outdated, main
from tests.harness.recipes.record import find_problems, read_record, run_recipe
from tests.harness.recipes.run import Outcome, ScriptError, run_script

WRONG = read_wrong()


def test_the_page_is_current(capsys):
    assert main(["--check"]) == 0, capsys.readouterr().out


def test_each_recipe_has_a_wrong_way():
    assert {entry.recipe for entry in WRONG} == set(RECIPES)


@pytest.mark.parametrize("entry", WRONG, ids=lambda entry: entry.name)
def test_each_wrong_way_was_caught_and_named(entry):
    made = read_record()[entry.name]
    assert find_problems(entry, Outcome(made["rates"], tuple(made["message"]))) == []
    assert entry.mistake in KNOWN
    first = int(made["message"][0].split()[1].removesuffix(":"))
    right = np.float32(lrs(SCHEDULE, 24))
    differing = [np.flatnonzero(np.float32(rates) != right[:len(rates)]) for rates in made["rates"].values()]
    assert first in [updates[0] for updates in differing if len(updates)]


def test_a_changed_script_is_not_current():
    record = read_record()
    changed = {**record, "keras_fit": {**record["keras_fit"], "script": "0"}, "other": record["keras_fit"]}
    assert [line.partition(" is ")[0] for line in find_outdated(changed)] == ["keras_fit", "other"]


def test_lines_that_the_recipe_does_not_have_once_are_refused():
    for lines in ("scheduler.stepp()\n", "optimizer"):
        with pytest.raises(ValueError, match=r"the recipe has this (0|[2-9]) times"):
            Wrong("torch_loop", "Title", "", "", "", ("\n" + lines,), ("",)).write_script()


def test_a_recipe_runs_and_its_wrong_way_is_named():
    entry = next(entry for entry in WRONG if entry.name == "torch_loop: A step before the update")
    record = read_record()
    assert run_recipe("torch_loop", None)[1] == []
    made, problems = run_recipe("torch_loop", entry)
    assert (made["rates"], problems) == (record[entry.name]["rates"], [])
    outcome = Outcome(made["rates"], tuple(made["message"]))
    assert find_problems(dataclasses.replace(entry, mistake="never moves"), outcome) == [
        "expected the mistake 'never moves', not: " + made["message"][1].partition(": ")[2]]
    assert find_problems(None, outcome) == [f"assert_applied failed: {made['message'][0]}"]
    assert find_problems(entry, Outcome({})) == ["assert_applied accepted the rates"]


def test_a_script_that_ends_elsewhere_is_no_outcome():
    with pytest.raises(ScriptError, match="not at assert_applied"):
        run_script("torch_loop", read_script("torch_loop").replace("optimizer.step()", "optimizer.stepp()"))
