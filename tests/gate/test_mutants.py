"""Tests the report on mutants: which survived, which of them are explained, and which explanations are out of date."""

from __future__ import annotations

import json

import pytest
import tomllib

from tests.harness.mutants.__main__ import SURVIVORS, extract_change, find_lines_of_examples, judge_mutants
from tests.harness.mutants.planted import KINDS, read_changes
from tests.harness.mutants.suite import is_unnoticed

DIFF = "--- mutation diff ---\n--- a/steps.py\n+++ b/steps.py\n@@ -1,3 +1,3 @@\n x\n-    y = 1\n+    y = 2\n z"
NOTICED = [("steps.py", DIFF, "noticed")] * 19
KNOWN = [{"file": "steps.py", "change": "y = 1 -> y = 2", "reason": "y is not used"}]


def test_all_noticed_is_good():
    lines, good = judge_mutants("torch", NOTICED, [])
    assert (lines, good) == (["torch: 19 mutants, 19 noticed (100.0 %), 0 not, 0 of them not explained"], True)


def test_an_explained_survivor_is_good():
    lines, good = judge_mutants("torch", [*NOTICED, ("steps.py", DIFF, "survived")], KNOWN)
    assert (lines, good) == (["torch: 20 mutants, 19 noticed (95.0 %), 1 not, 0 of them not explained"], True)


@pytest.mark.parametrize(("found", "explained", "line"), [
    ([*NOTICED, ("steps.py", DIFF, "survived")], [], "  survived: steps.py: y = 1 -> y = 2"),
    ([*NOTICED, ("steps.py", "", "not tried")], [], "  not tried: steps.py:  -> "),
    (NOTICED, KNOWN, "  explained, but noticed or not made: steps.py: y = 1 -> y = 2")])
def test_failures_are_reported(found, explained, line):
    lines, good = judge_mutants("torch", found, explained)
    assert lines[1:] == [line]
    assert not good


def test_too_many_survivors_are_not_good_though_explained():
    assert not judge_mutants("torch", [*NOTICED[1:], *[("steps.py", DIFF, "survived")] * 2], KNOWN)[1]


def test_every_explanation_is_one(root):
    """The lines that an explained mutant changes are in its file."""
    for target in tomllib.loads(SURVIVORS.read_text(encoding="utf-8")).values():
        for entry in target:
            assert set(entry) == {"file", "change", "reason"}
            assert len(entry["reason"]) > 20
            lines, parts = (root / entry["file"]).read_text().split(), entry["change"].split(" -> ")
            before = (" ".join(" -> ".join(parts[:number]).split()) for number in range(1, len(parts)))
            assert any(change in " ".join(lines) for change in before), entry


def test_examples_are_not_mutated(tmp_path):
    path = tmp_path / "kinds.py"
    path.write_text("class Kind:\n    example = {\n        'base_lr': 0.1}\n    least = 0\nexample = 1\n")
    assert find_lines_of_examples(path) == {2, 3}


def test_change_is_one_line():
    assert extract_change(DIFF) == "y = 1 -> y = 2"


def test_a_mutant_is_noticed(monkeypatch):
    """The mutant shifts in the wrong direction. `python -m tests.harness.mutants` also runs the checks without one."""
    from frameworks.schedule import Shift
    from frameworks.torch.schedules.rule import rule

    monkeypatch.setattr("tests.harness.mutants.suite.EXAMPLES", 1)
    monkeypatch.setattr("tests.harness.mutants.suite.disable_mxnet_threads", lambda: None)  # later tests inherit it
    original = rule.dispatch(Shift)
    rule.register(Shift, lambda schedule: lambda t: original(schedule)(max(t - 2 * schedule.by, 0)))
    try:
        assert not is_unnoticed("torch")
    finally:
        rule.register(Shift, original)


def test_every_planted_change_is_current(root):
    """Its text occurs once in its file, and the tests that must detect it exist."""
    changes = read_changes()
    assert len({one["name"] for one in changes}) == len(changes)
    assert {one["kind"] for one in changes} == set(KINDS)
    for one in changes:
        assert set(one) in ({"name", "kind", "file", "old", "new", last} for last in ("noticed_by", "reason")), one
        assert (root / one["file"]).read_text().count(one["old"]) == 1, one["name"]
        assert one["new"] != one["old"]
        tests = [test for test in one.get("noticed_by", ["tests"]) if test.startswith("tests")]
        assert tests, one["name"]
        assert all((root / test).exists() for test in tests), one["name"]


def test_a_planted_change_that_no_test_notices_is_missed(run, tmp_path):
    """Makes two changes of `extract_change`: one of its result, and one of its docstring."""
    planted = {"kind": "gate", "file": "tests/harness/mutants/__main__.py", "noticed_by": [
        "tests/gate/test_mutants.py", "-k", "change_is_one_line"]}
    changes = [planted | {"name": "result", "old": 'return " -> ".join(', "new": 'return " - ".join('},
               planted | {"name": "text", "old": "Return the changed line of a diff", "new": "Return a line of a diff"}]
    path = tmp_path / "changes.jsonl"
    path.write_text("\n".join(map(json.dumps, changes)))
    result = run("-m", "tests.harness.mutants.planted", "--changes", path)
    first, second, last = result.stdout.splitlines()
    assert first.startswith("noticed ")
    assert first.endswith("result: tests/gate/test_mutants.py::test_change_is_one_line")
    assert second.startswith("MISSED ")
    assert second.endswith("text: no test fails")
    assert (last, result.returncode) == ("2 changes, 1 noticed, 1 missed", 4)
