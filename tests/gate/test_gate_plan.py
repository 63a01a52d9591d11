"""Tests the plan of the gate and the tables that the gate writes.

A planned rate that was not compared is reported; a collected test that did not run fails the gate. The tables have the
comparisons, and the mistakes that tolerances accept.
"""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from frameworks.schedule import Constant
from parity import conftest
from parity.gate import tolerances
from parity.gate.laws.expected import Compared, ViolationError
from parity.gate.laws.laws import WEIGHTS, _check
from parity.gate.plan import build_plan, find_differences
from parity.gate.table import Measured, build_closing_table
from parity.measuring.compare import Comparison, Difference

PLAN = {("torch", "case", "cosine"): 150, ("torch", "law", "adam"): 3300}


def test_a_fulfilled_plan_has_no_differences():
    assert find_differences(PLAN, {("torch", "case", "cosine"): Compared(150),
                                   ("torch", "law", "adam"): Compared(3200, 100)}) == []


@pytest.mark.parametrize(("done", "line"), [
    ({("torch", "case", "cosine"): Compared(150)}, "torch law adam: 0 of 3300 rates compared, 0 outside"),
    ({("torch", "case", "cosine"): Compared(149), ("torch", "law", "adam"): Compared(3300)},
     "torch case cosine: 149 of 150 rates compared, 0 outside"),
    ({("torch", "case", "cosine"): Compared(150), ("torch", "law", "adam"): Compared(3300, 1)},
     "torch law adam: 3300 of 3300 rates compared, 1 outside"),
    ({("torch", "case", "cosine"): Compared(150), ("torch", "law", "adam"): Compared(3300),
      ("torch", "case", "more"): Compared(1)}, "torch case more: 1 of 0 rates compared, 0 outside"),
])
def test_what_differs_from_the_plan_is_reported(done, line):
    assert find_differences(PLAN, done) == [line]


def test_every_framework_case_and_law_is_planned():
    plan = build_plan("quick")
    assert min(plan.values()) > 0
    assert len({key[0] for key in plan}) == 3
    assert all(build_plan("thorough")[key] >= number for key, number in plan.items())


@pytest.mark.parametrize(("profile", "kind", "name", "rates"), [
    ("quick", "case", "cosine", 50 * 3), ("quick", "case", "warmup_cosine", 50 * 3),
    ("quick", "resumed", "cosine", 50 * 11), ("thorough", "resumed", "cosine", 50 * 11),
    ("quick", "law", "applied", 200 * 60 * 11), ("quick", "law", "reading", 25 * 24 * 11),
    ("quick", "law", "runs", 2 * 12 * 11), ("thorough", "law", "runs", 20 * 12 * 11)])
def test_the_plan_is_the_hand_worked_number(profile, kind, name, rates):
    """The number is the updates of each example or case, times parameters (of a case) or weights."""
    assert build_plan(profile)["torch", kind, name] == rates


@pytest.mark.parametrize("shape", [(0,), (1,), (WEIGHTS - 1,), (1, WEIGHTS)])
def test_rates_of_another_shape_are_not_compared(shape):
    with pytest.raises(ViolationError, match="rates of shape"):
        _check("here", 0, np.full(shape, 0.5), [0.5])


def test_one_wrong_weight_is_a_violation():
    rates = np.full(WEIGHTS, 0.5)
    assert _check("here", 0, rates, [0.25, 0.5]) == Compared(WEIGHTS)
    assert _check("here", 0, rates, []) == Compared(outside=WEIGHTS)
    rates[-1] = 0.25
    with pytest.raises(ViolationError, match=r"update 0 applied \[0\.25, 0\.5\], not \[0\.5\]"):
        _check("here", 0, rates, [0.5])


def test_a_test_that_was_collected_and_not_run_fails_the_gate(root, tmp_path, run):
    """Uses the conftest of the gate, and a test that is skipped."""
    (tmp_path / "gate").mkdir()
    shutil.copy(root / "parity/conftest.py", tmp_path / "gate")
    test = tmp_path / "gate/test_some.py"
    for skipped, code in (("False", 0), ("True", 4)):
        test.write_text(f"import pytest\n\n@pytest.mark.skipif({skipped}, reason='slow')\ndef test_it():\n    pass\n")
        result = run("-m", "pytest", "-q", "--rootdir", tmp_path, "--confcutdir", tmp_path, "-p", "no:cacheprovider",
                     "--import-mode=importlib", "gate/test_some.py", cwd=tmp_path,
                     env={"PYTHONPATH": str(root), "PATH": "/usr/bin"})
        assert result.returncode == code, result.stdout
        assert ("collected but not run, so failed: gate/test_some.py::test_it" in result.stdout) == (code == 4)


@pytest.mark.parametrize(("absolute", "relative", "caught"), [
    (0, 0, ["ulp", "small", "large"]), (1e-6, 0, ["large"]), (0, 1e-6, ["small", "large"]), (1, 0, [])])
def test_a_tolerance_lets_through_what_is_within(absolute, relative, caught):
    """Tests a rate of 1e-5 that is one float32 number off, or 1e-7; and a rate of 0.25 that is 0.05 off."""
    low, high = Constant(base_lr=float(np.float32(1e-5))), Constant(base_lr=0.25)
    sequences = {"right": (Constant(base_lr=0.3), 0.3), "ulp": (low, np.nextafter(np.float32(1e-5), np.float32(1))),
                 "small": (low, 1.01e-5), "large": (high, 0.3)}
    missed = tolerances.list_missed_sequences({name: (schedule, np.full((5, 3), rate, np.float32))
                                               for name, (schedule, rate) in sequences.items()}, absolute, relative)
    assert [name for name in sequences if name not in missed] == caught


def test_the_table_counts_and_names_differences():
    """All counts are different, so that two exchanged counts are noticed."""
    first = Difference(3, 0.25, 0.5)
    measured = {("cosine", "mxnet"): Measured(Comparison(50, None, 2, 30), ()),
                ("cosine", "torch"): Measured(Comparison(50, first, 5, 600), ("LambdaLR",))}
    sentence, *_, row = build_closing_table(measured).splitlines()
    assert sentence == ("1 schedules in 2 frameworks, 100 updates of 3 parameters compared bit for bit: 1 differences, "
                        "7 rates that needed the tolerance, 630 outside the contract.")
    assert row.split("|")[1:4] == [" cosine   ", " 50      ", " custom "]
    assert f"| torch: {first} |" in row


def test_the_gate_has_no_option_for_a_tolerance():
    parser = pytest.Parser(_ispytest=True)
    conftest.pytest_addoption(parser)
    assert {name for option in parser._anonymous.options for name in option.names()} == {
        "--write-table", "--profile", "--seed"}
