"""What is said of mutants: which survived, which of them are explained, and which explanations are out of date."""

from __future__ import annotations

import pytest
import tomllib

from tests.harness.mutants.__main__ import SURVIVORS, change, judged
from tests.harness.mutants.suite import unnoticed

DIFF = "--- mutation diff ---\n--- a/steps.py\n+++ b/steps.py\n@@ -1,3 +1,3 @@\n x\n-    y = 1\n+    y = 2\n z"
NOTICED = [("steps.py", DIFF, "noticed")] * 19
KNOWN = [{"file": "steps.py", "change": "y = 1 -> y = 2", "reason": "nobody asks for y"}]


def test_all_noticed_is_good():
    lines, good = judged("torch", NOTICED, [])
    assert (lines, good) == (["torch: 19 mutants, 19 noticed (100.0 %), 0 not, 0 of them not explained"], True)


def test_an_explained_survivor_is_good():
    lines, good = judged("torch", [*NOTICED, ("steps.py", DIFF, "survived")], KNOWN)
    assert (lines, good) == (["torch: 20 mutants, 19 noticed (95.0 %), 1 not, 0 of them not explained"], True)


@pytest.mark.parametrize(("found", "explained", "line"), [
    ([*NOTICED, ("steps.py", DIFF, "survived")], [], "  survived: steps.py: y = 1 -> y = 2"),
    ([*NOTICED, ("steps.py", "", "not tried")], [], "  not tried: steps.py:  -> "),
    (NOTICED, KNOWN, "  explained, but noticed or not made: steps.py: y = 1 -> y = 2")])
def test_what_is_not_good_is_said(found, explained, line):
    lines, good = judged("torch", found, explained)
    assert lines[1:] == [line]
    assert not good


def test_too_many_survivors_are_not_good_though_explained():
    assert not judged("torch", [*NOTICED[1:], *[("steps.py", DIFF, "survived")] * 2], KNOWN)[1]


def test_every_explanation_is_one():
    for target in tomllib.loads(SURVIVORS.read_text(encoding="utf-8")).values():
        for one in target:
            assert set(one) == {"file", "change", "reason"}
            assert len(one["reason"]) > 20


def test_change_is_one_line():
    assert change(DIFF) == "y = 1 -> y = 2"


def test_a_mutant_is_noticed(monkeypatch):
    """Here by a shift that goes the other way. (python -m tests.harness.mutants begins with none, which must pass.)"""
    from frameworks.schedule import Shift
    from frameworks.torch.schedules.rule import rule

    monkeypatch.setattr("tests.harness.mutants.suite.EXAMPLES", 1)
    monkeypatch.setattr("tests.harness.mutants.suite.tiny_updates", lambda: None)  # others would inherit it
    original = rule.dispatch(Shift)
    rule.register(Shift, lambda schedule: lambda t: original(schedule)(max(t - 2 * schedule.by, 0)))
    try:
        assert not unnoticed("torch")
    finally:
        rule.register(Shift, original)
