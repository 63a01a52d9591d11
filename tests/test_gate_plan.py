"""The ledger: what was planned and not compared is found, and what was collected and not run fails the gate."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from parity.gate.laws.expected import Compared, Violation
from parity.gate.laws.laws import WEIGHTS, _check
from parity.gate.plan import differences, planned

PLAN = {("torch", "case", "cosine"): 150, ("torch", "law", "adam"): 3300}


def test_an_even_ledger_has_no_differences():
    assert differences(PLAN, {("torch", "case", "cosine"): Compared(150),
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
def test_what_is_not_even_is_said(done, line):
    assert differences(PLAN, done) == [line]


def test_every_framework_case_and_law_is_planned():
    plan = planned("quick")
    assert min(plan.values()) > 0
    assert len({key[0] for key in plan}) == 3
    assert all(planned("thorough")[key] >= number for key, number in plan.items())


@pytest.mark.parametrize("shape", [(0,), (1,), (WEIGHTS - 1,), (1, WEIGHTS)])
def test_rates_of_another_shape_are_no_comparison(shape):
    with pytest.raises(Violation, match="rates of shape"):
        _check("here", 0, np.full(shape, 0.5), [0.5])


def test_one_wrong_weight_is_a_violation():
    rates = np.full(WEIGHTS, 0.5)
    assert _check("here", 0, rates, [0.25, 0.5]) == Compared(WEIGHTS)
    assert _check("here", 0, rates, []) == Compared(outside=WEIGHTS)
    rates[-1] = 0.25
    with pytest.raises(Violation, match=r"update 0 applied \[0\.25, 0\.5\], not \[0\.5\]"):
        _check("here", 0, rates, [0.5])


def test_a_test_that_was_collected_and_not_run_fails_the_gate(root, tmp_path, run):
    """With the gate's own conftest, and a test that is skipped."""
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
