"""Tests that a failed comparison names the known mistake that makes the rates, and the command that prints more."""

from __future__ import annotations

import re
import shlex

import numpy as np
import pytest

from frameworks.schedule import Constant, Sequence, Shift, lrs
from parity.cases import CASES
from parity.conformance.check import check, wrap_function
from parity.measuring.compare import compare
from parity.mistakes.search.failed import describe_failure, find_known_mistake
from parity.pages.report.document import describe_differences

CASE = CASES["warmup_cosine"]
EARLY = Shift(by=1, of=CASE.schedule)
NAMED = "known mistake (A specified, B applied): one update early: B applies each rate one update before A"


def compute_rates(schedule):
    return lrs(schedule, CASE.updates).astype(np.float32)


@pytest.mark.parametrize(("schedule", "mistake"), [
    (EARLY, "one update early: B applies each rate one update before A"),
    (CASE.schedule.model_copy(update={"clock": "keep"}),
     "decay clock from 0: after the warm-up B's decay begins at 5, A's at 0"),
    (Sequence(parts=[CASE.schedule, Constant(base_lr=0.2), Shift(by=8, of=CASE.schedule)], boundaries=[7, 8]), None),
])
def test_the_first_mistake_that_gives_every_rate_is_named(schedule, mistake):
    assert find_known_mistake(CASE.schedule, compute_rates(schedule)) == mistake


def test_the_command_prints_more(run, tmp_path):
    first, more = describe_failure("../a b", CASE.schedule, compute_rates(EARLY), tmp_path)
    assert first == NAMED
    assert sorted(path.name for path in tmp_path.iterdir()) == [".._a_b-applied.csv", ".._a_b.json"]
    command = shlex.split(more.removeprefix("more: python "))
    assert command[:3] == ["-m", "parity", "explain"]
    result = run(*command)
    assert result.returncode == 4
    assert "cause: one update early: B applies each rate one update before A" in result.stdout.splitlines()


def test_the_sample_on_the_page_is_what_a_failed_gate_prints(root, tmp_path):
    """Compares with the output of parity/gate/test_parity.py where each milestone of the case is one update late."""
    schedule = CASES["multi_factor"].schedule
    late = schedule.model_copy(update={"milestones": tuple(milestone + 1 for milestone in schedule.milestones)})
    rates = lrs(late, CASES["multi_factor"].updates).astype(np.float32)
    first = compare(schedule, np.stack([rates] * 3, axis=1)).first
    printed = [f"multi_factor in torch, {first}", *describe_failure("multi_factor-torch", schedule, rates, tmp_path)]
    (sample,) = re.findall(r"```text\n_+ test_applied_rates\[multi_factor-torch\] _+\n(.*?)\n```",
                           (root / "parity/README.md").read_text(), re.S)
    assert re.sub(r"/tmp/parity-failed-\w+", str(tmp_path), sample).splitlines() == printed


def test_an_invalid_rate_is_not_searched_for(tmp_path):
    for wrong in (np.nan, np.inf, -0.1):
        assert describe_failure("a", CASE.schedule, np.float32([0.1, wrong]), tmp_path) == [
            "known mistake: not searched for, since some rates are negative or not finite"]
    assert list(tmp_path.iterdir()) == []


def test_check_names_it(capsys):
    assert check(wrap_function(lambda schedule, updates: lrs(EARLY, updates)), {"warmup_cosine": CASE}) == 4
    first, named, more, last, _ = capsys.readouterr().out.splitlines()
    assert first.startswith("warmup_cosine: FAILED: difference: update 0: ")
    assert named == f"  {NAMED}"
    assert more.startswith("  more: python -m parity explain ")
    assert last == "1 case: 0 good, 0 skipped, 1 failed (1 difference)"


def test_report_names_it():
    def document(schedule):
        words = compute_rates(schedule).view(np.uint32)
        return {"cases": [{"name": "warmup_cosine", "schedule": CASE.schedule.model_dump(mode="json"), "applied": {
            "torch": {"bits": [[f"{word:08x}", 1] for word in words.tolist()], "first_difference": 0, "said": "off"}}}]}

    first, named, more = describe_differences(document(EARLY))
    assert (first, named) == ("warmup_cosine in torch, off", f"  {NAMED}")
    assert more.startswith("  more: python -m parity explain ")
    # The rates of another weight differ.
    assert describe_differences(document(CASE.schedule)) == ["warmup_cosine in torch, off"]


def test_the_gate_names_it(run):
    """Uses a back end whose rates come one update early."""
    planted = """
import sys, pytest, numpy as np
from frameworks.schedule import lrs, Shift
import parity.gate.test_parity as gate
case = gate.CASES["warmup_cosine"]
rates = lrs(Shift(by=1, of=case.schedule), case.updates).astype(np.float32)
gate.document = lambda *_: None
gate.find_result = lambda *_: {"updates": case.updates, "built_in": []}
gate.read_applied_rates = lambda _: np.repeat(rates[:, None], 3, axis=1)
try:
    gate.test_applied_rates("warmup_cosine", "torch", {}, {}, {})
except BaseException as error:
    print(error)
"""
    lines = run("-c", planted).stdout.splitlines()
    assert lines[0].startswith("warmup_cosine in torch, update 0: applied ")
    assert lines[1] == NAMED
    assert lines[2].startswith("more: python -m parity explain ")
