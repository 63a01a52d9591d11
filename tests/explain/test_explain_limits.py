"""Tests that `explain` states when it compares fewer updates than the schedules need."""

from __future__ import annotations

import json

import pytest

from frameworks.schedule import Cosine, Maximum, Minimum
from parity.explain import command
from parity.mistakes.search import subject

MEMBERS = [Cosine(base_lr=0.1 + number, updates=100) for number in range(9)]
LOW, HIGH = Minimum(of=MEMBERS), Maximum(of=MEMBERS)


@pytest.fixture
def few(monkeypatch):
    """Compute at most 2,000 rates: 100 updates of the 20 parts."""
    monkeypatch.setattr(command, "MAX_RATES", 2_000)


def test_fewer_updates_are_stated(few, run_explain):
    code, lines = run_explain("a.json", "b.json", a__json=LOW, b__json=HIGH)
    assert (code, lines[2:4]) == (4, ["note: only the first 100 of 250 updates are compared; see --updates",
                                      "100 updates compared, 100 differ"])
    code, (line,) = run_explain("a.json", "b.json", "--json")
    assert json.loads(line)["note"] == "only the first 100 of 250 updates are compared; see --updates"


def test_the_largest_number_is_stated(run_explain):
    long = Cosine(base_lr=0.1, updates=subject.MAX_UPDATES)
    code, lines = run_explain("a.json", "b.json", a__json=long, b__json=long)
    assert (code, lines[2:]) == (0, ["note: only the first 1000000 of 2500000 updates are compared",
                                     "1000000 updates compared: the same bits"])


@pytest.mark.parametrize("arguments", [[], ["--updates", "120"]])
def test_all_updates_have_no_note(arguments, few, run_explain):
    """A number that is requested is compared, and parts that are few enough are compared to their end."""
    schedule = LOW if arguments else MEMBERS[0]
    code, lines = run_explain("a.json", "b.json", *arguments, a__json=schedule, b__json=schedule)
    assert (code, lines[2:]) == (0, [f"{120 if arguments else 250} updates compared: the same bits"])
