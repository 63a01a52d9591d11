"""Tests `port` for optax without optax. `tox -e optax` has it installed and runs the spellings."""

from __future__ import annotations

import re
from importlib.util import find_spec

import numpy as np
import pytest

from frameworks import FrameworkMissingError
from frameworks.schedule import Constant
from parity.cases import CASES
from parity.measuring.compare import compute_ulps
from parity.port.measured import MEASURED
from parity.port.optax_probe import observe

MISSING = "optax is not installed (No module named 'jax'); pip install -r requirements/optax.txt"


def test_optax_is_not_installed_here():
    """Without optax, `observe` raises FrameworkMissingError with the command that installs it."""
    assert find_spec("jax") is None
    with pytest.raises(FrameworkMissingError) as caught:
        observe("", 1)
    assert str(caught.value) == MISSING


def test_port_reports_that_optax_was_not_measured(run):
    """`port --to optax` reports that optax is missing, except with --no-measure."""
    result = run("-m", "parity", "port", "StepLR(optimizer, 7)", "--from", "torch", "--lr", "0.3", "--to", "optax")
    assert result.returncode == 0
    assert f"# optax was not measured: {MISSING}\n" in result.stdout
    assert "# optax, self-contained code. Not measured.\n" in result.stdout
    written = run("-m", "parity", "port", "StepLR(optimizer, 7)", "--from", "torch", "--lr", "0.3", "--to", "optax",
                  "--no-measure")
    assert "not measured" not in written.stdout.lower()


def test_the_cases_cannot_be_run_without_optax(run):
    """The cases for optax exit with code 2 without optax."""
    result = run("-m", "tests.harness.optax_cases")
    assert (result.returncode, result.stdout, result.stderr) == (2, "", f"{MISSING}\n")


def test_tox_runs_them(root):
    """tox and .ci/run run the cases and the round trips for optax."""
    ini = (root / "tox.ini").read_text()
    assert "python -m tests.harness.optax_cases" in ini
    assert "python -m tests.harness.roundtrip --framework optax" in ini
    assert " -e optax," in (root / ".ci/run").read_text()
    assert MEASURED[-1] == "optax"


def test_the_page_counts_the_cases(root):
    """parity/README.md states the number of cases."""
    text = (root / "parity/README.md").read_text()
    counted = re.search(r"^All (\d+) cases are good.* made (\d+) of the (\d+) good when", text, re.M | re.S)
    good, single, of = map(int, counted.groups())
    assert good == of == len(CASES) > single


def test_ulps_are_counted_through_0():
    """ULP are counted across 0, with a large number for NaN."""
    tiny = np.float32(2.0**-149)
    zeros = np.array([0, -0.0, tiny, -tiny, 3 * -tiny], np.float32)
    assert np.abs(compute_ulps(zeros, Constant(base_lr=0.0))).tolist() == [0, 0, 1, 1, 3]
    ones = np.array([1, np.nextafter(np.float32(1), np.float32(0)), -1, np.nan], np.float32)
    assert compute_ulps(ones, Constant(base_lr=1.0))[:3].tolist() == [0, -1, -2 * 0x3F800000]
    assert compute_ulps(ones, Constant(base_lr=1.0))[3] > 10**9
