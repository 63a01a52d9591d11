"""Every law holds in every back end, and detects every back end that breaks it."""

from __future__ import annotations

import pytest

from frameworks import FRAMEWORKS
from parity.cases import CASES
from parity.gate.laws import broken_rates  # noqa: F401  (it registers)
from parity.gate.laws.broken import BREAKING
from parity.gate.laws.expected import Compared
from parity.gate.laws.run import LAWS, count_examples
from parity.gate.test_parity import document
from parity.mistakes.catalogue import CATALOGUE
from parity.mistakes.shown import find_case

#: The largest part of all rates that may be too small to compare. In one law it may be a third, by chance: a few
#: schedules are read many times.
MOST_OUTSIDE = 0.1


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("law", LAWS)
def test_law_holds(law, framework, runs, profile, ledger):
    """Check that a law holds for the planned number of random schedules."""
    results = document(runs, "laws", framework)
    tried = results["laws"][law]
    assert tried["broken"] is None, (
        f"{tried['broken']}; "
        f"again: python -m parity.gate.laws.run --framework {framework} --law {law} --seed {results['seed']} "
        f"--profile {profile}")
    assert tried["examples"] == count_examples(law, framework, profile)
    ledger[framework, "law", law] = Compared(tried["comparisons"], tried["outside"])


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_few_rates_are_outside(framework, runs, profile):
    """Check that only a small part of all rates is too small to compare."""
    tried = document(runs, "laws", framework)["laws"].values()
    outside, compared = (sum(law[count] for law in tried) for count in ("outside", "comparisons"))
    assert outside <= MOST_OUTSIDE * compared


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("name", CASES)
def test_case_resumes_anywhere(name, framework, runs, ledger):
    """Check that a case continues with the same rates if it is resumed after any of its first updates."""
    resumed = document(runs, "laws", framework)["resumed"][name]
    assert "broken" not in resumed, resumed["broken"]
    ledger[framework, "resumed", name] = Compared(resumed["comparisons"], resumed["outside"])


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("name", BREAKING)
def test_broken_backend_is_caught_by_its_law(name, framework, runs):
    """Check that each mistake is detected by its law, not by an earlier one and not by an exception."""
    caught = document(runs, "rejected", framework)["broken"][name]
    assert caught["law"] == BREAKING[name].where, caught["found"]
    assert not caught["found"].split(":")[0].endswith(("Error", "Exception")), caught["found"]
    assert (caught["everywhere"] is not None) == (BREAKING[name].where == "resume")


def test_enough_mistakes_are_made():
    """Check that each law has a mistake, and that there are at least 100 mistakes with a text."""
    laws = {breaking.where for breaking in BREAKING.values()}
    assert laws == set(LAWS)
    assert len([name for name in CATALOGUE if find_case(name)]) + len(BREAKING) >= 100
    assert all(mistake.effect for mistake in (*CATALOGUE.values(), *BREAKING.values()))
