"""Tests that `explain` names mistakes that were reported in public, and none for unrelated schedules."""

from __future__ import annotations

import numpy as np
import pytest

from parity.mistakes.search.pair import Pair
from parity.mistakes.search.subject import Subject
from parity.mistakes.search.why import explain
from parity.mistakes.trainings import TRAININGS
from tests.explain.reported_mistakes import REPORTED, SEEN, UPDATES, Reported, list_rates
from tests.harness.unrelated import list_named


def name_causes(reported: Reported, *, logged: bool, exchanged: bool = False) -> tuple[set[str], str]:
    """Return the names of the causes and the side that has them."""
    right, applied = list_rates(reported)
    sides = [Subject("right", logged=right) if logged else Subject("right", reported.right),
             Subject("applied", logged=applied)]
    why = explain(Pair(*(sides[::-1] if exchanged else sides), UPDATES))
    return {cause.name for cause in why.causes}, why.side


@pytest.mark.parametrize("name", REPORTED)
def test_a_reported_mistake_is_named(name):
    reported = REPORTED[name]
    for exchanged, side in ((False, "B"), (True, "A")):
        named, where = name_causes(reported, logged=False, exchanged=exchanged)
        assert (set(reported.names) <= named, where) == (True, side), named


@pytest.mark.parametrize("name", REPORTED)
def test_two_logs_name_it_or_nothing(name):
    """Without the specification fewer mistakes are visible."""
    named, where = name_causes(REPORTED[name], logged=True)
    assert not named or (set(SEEN.get(name, REPORTED[name].names)) <= named and where == "B"), named


def test_most_of_forty_are_seen_in_two_logs():
    seen = [name for name, reported in REPORTED.items()
            if set(reported.names) <= name_causes(reported, logged=True)[0]]
    assert len(REPORTED) >= 40
    assert len(seen) >= 36, set(REPORTED) - set(seen)


def test_a_mistake_that_fails_at_one_update_is_not_named():
    """As a counterpart, each reported mistake with another rate at one update has no cause, or another one."""
    for name, reported in REPORTED.items():
        _, applied = list_rates(reported)
        wrong = applied.copy()
        wrong[133] = np.float32(0.123)
        causes = explain(Pair(Subject("", reported.right), Subject("", logged=wrong), UPDATES)).causes
        assert not causes, name


def test_each_mistake_of_a_training_is_in_the_table():
    named = {name for reported in REPORTED.values() for name in reported.names}
    assert set(TRAININGS) - named == {"warm-up not in the log"}


def test_unrelated_schedules_have_no_cause():
    """`python -m tests.harness.unrelated` explains 1,000 pairs."""
    assert list_named(60, seed=1) == []


def test_unrelated_schedules_would_be_found(monkeypatch):
    """As a counterpart, a search that names a cause for everything is noticed."""
    monkeypatch.setattr("tests.harness.unrelated.explain", lambda pair: type("Why", (), {"causes": (pair,)}))
    assert len(list_named(5, seed=1)) == 5
