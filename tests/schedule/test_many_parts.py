"""Tests that schedules of thousands of parts take time in proportion to their number, with the same results."""

from __future__ import annotations

import time
import timeit
from functools import reduce
from itertools import islice

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from frameworks.schedule import (
    Constant,
    Cosine,
    Hold,
    Interpolated,
    Minimum,
    MultiFactor,
    Piecewise,
    Product,
    Scale,
    Sequence,
    Sum,
    Warmup,
    expand,
    lrs,
    write,
)
from parity.cases import CASES
from parity.explain.answer import document
from parity.gate.laws.algebra import schedules
from parity.measuring.margin import _Known, compute_bounds
from parity.mistakes.record import About
from parity.mistakes.search import together, why
from parity.mistakes.search.mistakes import try_mistakes
from parity.mistakes.search.pair import Pair
from parity.mistakes.search.subject import Subject

#: Four times as many parts take four times as long; sixteen times if each part reads all others.
LINEAR = 9


def rate(index):
    return 0.1 + 0.0001 * (index % 7)


def constants(n):
    return Sequence(parts=[Constant(base_lr=rate(i)) for i in range(n)], boundaries=range_of(n - 1))


def range_of(n):
    return [3 * i for i in range(1, n + 1)]


def factors(n):
    return Product(of=[Cosine(base_lr=1.0, final_lr=1 - 1e-7 * i, updates=20 + i % 50) for i in range(n)])


KINDS = {
    "sequence": constants,
    "piecewise": lambda n: Piecewise(values=[rate(i) for i in range(n)], boundaries=range_of(n - 1)),
    "interpolated": lambda n: Interpolated(points=[[3 * i, rate(i)] for i in range(n)]),
    "multi_factor": lambda n: MultiFactor(base_lr=0.5, factor=0.9999, milestones=range_of(n)),
    "product": factors,
    "sum": lambda n: Sum(of=[Cosine(base_lr=rate(i), final_lr=0.01, updates=5) for i in range(n)]),
    "minimum": lambda n: Minimum(of=[Cosine(base_lr=rate(i), final_lr=0.01, updates=5 + i % 5) for i in range(n)]),
}


def seconds(work, number):
    """Return the shortest of three times that `work` takes for `number` parts."""
    return min(timeit.repeat(lambda: work(number), number=1, repeat=3))


def grows(work, number):
    """Return the factor by which four times as many parts take longer."""
    return seconds(work, 4 * number) / seconds(work, number)


def margins(n):
    compute_bounds(factors(n), np.arange(50))


def each_rate(n):
    schedule = constants(n)
    for t in range(3 * n):
        schedule.lr(t)


def explain_change(kind):
    """Explain a schedule in which the rate of one update is changed."""
    def work(n):
        schedule = KINDS[kind](n)
        rates = lrs(schedule, 3 * n).astype(np.float32)
        rates[n + 1] *= 1.07
        return document(Pair(Subject("a", schedule=schedule), Subject("b", logged=rates), 3 * n))

    return work


def by_pairs(n):
    return [[i * j for i in range(n)] for j in range(n)]


@pytest.mark.parametrize(("work", "number"), [(margins, 1000), (each_rate, 2000), (explain_change("sequence"), 1000),
                                              *((explain_change(kind), n) for kind, n in (
    ("piecewise", 1000), ("interpolated", 500), ("multi_factor", 2000)))])
def test_time_grows_with_the_number_of_parts(work, number):
    assert min(grows(work, number) for _ in range(2)) < LINEAR


def test_what_looks_at_all_others_in_each_part_is_seen():
    """This is the counterpart."""
    assert max(grows(by_pairs, 300) for _ in range(2)) > LINEAR


@pytest.mark.parametrize("kind", KINDS)
def test_a_command_explains_thousands_of_parts(kind, tmp_path, run):
    """The limit is generous for a busy machine; earlier versions took from 10 s to minutes."""
    n = 10_000 if kind in ("sequence", "piecewise", "multi_factor") else 3000
    write(KINDS[kind](n), tmp_path / "a.json")
    write(Constant(base_lr=0.1) if kind == "minimum" else KINDS[kind](n + 1), tmp_path / "b.json")
    begin = time.monotonic()
    result = run("-m", "parity", "explain", tmp_path / "a.json", tmp_path / "b.json", "--updates", 100, timeout=60)
    assert result.returncode in (0, 4), result.stderr
    assert time.monotonic() - begin < 20


def each_lowest_and_highest(factors):
    """Return the bounds of a product by their definition: one factor at a time at its lowest, or highest."""
    rates = [one.rates for one in factors]
    exact = reduce(np.multiply, rates)
    lowest, highest = exact, exact
    for index, one in enumerate(factors):
        before, after = rates[:index], rates[index + 1:]
        lowest = np.minimum(lowest, reduce(np.multiply, [*before, one.lowest, *after]))
        highest = np.maximum(highest, reduce(np.multiply, [*before, one.highest, *after]))
    return exact, lowest, highest


@given(st.lists(schedules, min_size=1, max_size=6))
@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_tolerances_of_a_product_are_those_of_its_definition(members):
    try:
        product = expand(Product(of=members))
    except ValidationError:
        assume(False)
    t, known = np.arange(60), _Known()
    assert [side.tobytes() for side in compute_bounds(product, t)] == [
        side.tobytes() for side in each_lowest_and_highest([known.compute_bounds(one, t) for one in product.of])]


def test_another_order_of_factors_has_other_tolerances():
    """As a counterpart, another order gives other bits."""
    members = [Cosine(base_lr=rate(i), final_lr=0.03, updates=7 + i) for i in range(6)]
    t, known = np.arange(60), _Known()
    other = each_lowest_and_highest([known.compute_bounds(one, t) for one in reversed(members)])
    assert any(one.tobytes() != two.tobytes() for one, two in zip(compute_bounds(Product(of=members), t), other))


NESTED = {
    "warm": Warmup(updates=5, then=Sequence(parts=[Cosine(base_lr=0.3, updates=10), Constant(base_lr=0.2)],
                                            boundaries=[12])),
    "held": Hold(updates=3, of=MultiFactor(base_lr=0.5, factor=0.5, milestones=[4, 5, 9])),
    "scaled": Scale(by=0.3, of=Sum(of=[Cosine(base_lr=0.3, updates=10), Constant(base_lr=0.2)])),
    "least": Minimum(of=[Cosine(base_lr=0.3, updates=10), Hold(updates=2, of=Cosine(base_lr=0.2, updates=9))]),
    **{name: CASES[name].schedule for name in list(CASES)[::12]},
}


def causes_of(schedule, changed, n):
    with np.errstate(all="ignore"):
        pair = Pair(Subject("a", schedule=schedule), Subject("b", logged=lrs(changed, n).astype(np.float32)), n)
    return why.explain(pair).causes if len(pair.differing) else ()


def every_cause(n=60):
    """Return the mistakes that are named for every third mistake of each schedule."""
    return [causes_of(schedule, changed, n) for schedule in NESTED.values()
            for changed, _ in islice(try_mistakes(expand(schedule), About((0.05, 0.7))), 0, 120, 6)]


def test_what_is_left_out_early_is_no_cause(monkeypatch):
    early = every_cause()
    for module in (why, together):
        monkeypatch.setattr(module, "compute_wanted", lambda pair, differing: ())
    assert early == every_cause()
    assert sum(map(bool, early)) > 80


def test_a_cause_that_is_left_out_wrongly_is_missed(monkeypatch):
    """As a counterpart, the search uses a changed rate."""
    wanted, before = why.compute_wanted, every_cause()
    monkeypatch.setattr(why, "compute_wanted", lambda pair, differing: tuple(
        (t, 1.1 * lowest, 1.1 * highest) for t, lowest, highest in wanted(pair, differing)))
    assert before != every_cause()
