"""The gate rejects every mistake, at the first update with a wrong rate."""

from __future__ import annotations

import pytest

from frameworks import FRAMEWORKS
from parity.cases import CASES
from parity.gate.test_parity import document
from parity.measuring.compare import compare
from parity.measuring.measure import read_applied_rates
from parity.mistakes.catalogue import CATALOGUE
from parity.mistakes.native import NATIVE, UNFAIR
from parity.mistakes.shown import find_case

SHOWN = [(mistake.id, place.case, place.update) for name, mistake in CATALOGUE.items() if (place := find_case(name))]
WRONG = [(framework, *where) for framework in FRAMEWORKS for where in (
    *SHOWN, *((mistake.id, mistake.where, mistake.at) for mistake in (*NATIVE[framework], UNFAIR)))]


@pytest.mark.parametrize(("framework", "name", "case", "shows_at"), WRONG, ids=[f"{f}-{name}" for f, name, *_ in WRONG])
def test_wrong_backend_is_rejected(framework, name, case, shows_at, runs):
    """Check that a mistake is detected, first at the update where it shows."""
    (result,) = [r for r in document(runs, "broken", framework)["specifications"] if r["name"] == name]
    applied = read_applied_rates(result)
    difference = compare(CASES[case].schedule, applied).first
    assert difference is not None, f"{name} in {framework} was not noticed"
    assert difference.update == shows_at
    if name == UNFAIR.id:
        assert difference.parameter == 0
        assert compare(CASES[case].schedule, applied[:, 1:]).first is None
