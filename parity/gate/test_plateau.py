"""All three frameworks apply the specified rates of reduce on plateau to their weights, bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

import numpy as np
import pytest

from frameworks import FRAMEWORKS
from frameworks.observation import format_bits
from frameworks.schedule import ReduceOnPlateau
from parity.cases.plateau import CASES
from parity.mistakes.plateau import PLATEAU, find_case

RUNS = [(framework, name) for framework in FRAMEWORKS for name in CASES]


def compute_specified_bits(plateau: ReduceOnPlateau, metrics: Sequence[float]) -> list[list[str]]:
    """Return the result of `_observed` for a framework that applies the specification."""
    return [[format_bits(rate)] for rate in (plateau.lr([]), *plateau.lrs(metrics))]


@pytest.fixture(scope="module")
def documents(runs: dict[str, dict[str, Future]]) -> dict[str, Future]:
    """Return the documents of reduce on plateau, by framework."""
    return runs["plateau"]


@pytest.mark.parametrize("name", CASES)
def test_the_specification_falls_where_it_was_worked_by_hand(name):
    """Compare the updates of all reductions with those worked by hand; no rate increases."""
    case = CASES[name]
    rates = [case.plateau.lr([]), *case.plateau.lrs(case.metrics)]
    assert (np.flatnonzero(np.diff(rates) < 0) + 1).tolist() == case.falls
    assert np.diff(rates).max(initial=0) <= 0


@pytest.mark.parametrize(("framework", "name"), RUNS, ids=[f"{framework}-{name}" for framework, name in RUNS])
def test_the_applied_rates_are_those_specified(framework, name, documents):
    """Compare the applied rates of a case with the specified ones."""
    case = CASES[name]
    assert documents[framework].result()["cases"][name] == compute_specified_bits(case.plateau, case.metrics)


@pytest.mark.parametrize(("framework", "name"), RUNS, ids=[f"{framework}-{name}" for framework, name in RUNS])
def test_resumed_after_every_metric_is_uninterrupted(framework, name, documents):
    """Compare the rates of a training that is resumed after each metric with the specified ones."""
    case = CASES[name]
    assert documents[framework].result()["resumed"][name] == compute_specified_bits(case.plateau, case.metrics)


@pytest.mark.parametrize("mistake", PLATEAU)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_broken_implementation_is_rejected(framework, mistake, documents):
    """Check that each mistake is detected, first at the metric where it shows."""
    name, shows_at = find_case(mistake)
    case = CASES[name]
    applied = documents[framework].result()["broken"][mistake]
    wrong = [metric for metric,
             (rates, right) in enumerate(zip(applied, compute_specified_bits(case.plateau, case.metrics)))
             if rates != right]
    assert wrong[:1] == [shows_at]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_without_a_mistake_it_is_not_rejected(framework, documents):
    """Check that the implementation of the mistakes applies the specified rates without one."""
    case = CASES["accuracy_torch"]
    assert documents[framework].result()["broken"]["none"] == compute_specified_bits(case.plateau, case.metrics)
