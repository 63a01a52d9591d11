"""Tests sum, product, minimum and maximum: which lists they accept, and the rates that they compute."""

from __future__ import annotations

import json

import numpy as np
import pytest

from frameworks.schedule import (
    Constant,
    Cosine,
    Exponential,
    Maximum,
    Minimum,
    Polynomial,
    Product,
    Repeat,
    SpecificationError,
    Sum,
    loads,
    lrs,
)

KINDS = {"sum": Sum, "product": Product, "minimum": Minimum, "maximum": Maximum}
line = Polynomial(base_lr=1.0, power=1.0, updates=10)


def constants(kind, *rates):
    return json.dumps({"kind": kind, "of": [{"kind": "constant", "base_lr": rate} for rate in rates]})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("of", "said"), [
    ("[]", "of: must not be empty, got []"),
    ("{}", "of: must be a list, got {}"),
    ('{"kind": "constant", "base_lr": 1}', 'of: must be a list, got {"kind": "constant", "base_lr": 1}'),
    ('[{"kind": "constant", "base_lr": 1}, 3]', "of[1]: must be a schedule: an object with a kind, got 3"),
    ('[{"kind": "constant", "base_lr": 1}, {"kind": "constant", "base_lr": -1}]',
     "of[1].base_lr: must be at least 0, got -1"),
])
def test_a_list_of_schedules_is_needed(kind, of, said):
    with pytest.raises(SpecificationError) as error:
        loads(f'{{"kind": "{kind}", "of": {of}}}', name="s.json")
    assert str(error.value) == f"s.json: {said}"


@pytest.mark.parametrize(("kind", "rates", "said"), [
    ("sum", [9e36, 9e36], "may reach 1.8e+37, but a rate must be at most 1e+37"),
    ("product", [1e30, 1e10], "may reach 1e+40, but a rate must be at most 1e+37"),
    ("product", [1e37] * 9 + [0.0], "may reach inf, but a rate must be at most 1e+37"),  # else inf * 0
])
def test_what_they_may_reach_is_a_rate(kind, rates, said):
    with pytest.raises(SpecificationError, match=said.replace("+", r"\+")):
        loads(constants(kind, *rates))
    assert loads(constants(kind, *rates[:1])).lr(0) == rates[0]


def test_largest_bounds_every_rate():
    assert loads(constants("product", 1e37, 1e-5, 1e3)).largest == pytest.approx(1e35)
    assert loads(constants("minimum", 0.1, 0.5)).largest == 0.1
    assert loads(constants("maximum", 0.1, 0.5)).largest == 0.5
    assert loads(constants("sum", 0.1, 0.5)).largest == 0.6


@pytest.mark.parametrize("kind", KINDS)
def test_one_alone_is_itself(kind):
    assert lrs(KINDS[kind](of=[line]), 20).tolist() == lrs(line, 20).tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_many_at_once_are_each_alone(kind):
    of = [Cosine(base_lr=0.3, final_lr=0.1, updates=41), Exponential(base_lr=0.7, factor=0.9, updates=7),
          Repeat(updates=13, of=line), Constant(base_lr=0.1)]
    schedule = KINDS[kind](of=of)
    assert lrs(schedule, 200).tolist() == [schedule.lr(t) for t in range(200)]
    assert schedule.horizon == 41


def test_a_sum_is_added_from_left_to_right():
    """2^53 + 1 + 1 is 2^53 in float64; Python's `sum` returns 2^53 + 2 from version 3.12 on."""
    assert loads(constants("sum", 2.0**53, 1, 1)).lr(0) == 2.0**53
    assert loads(constants("sum", 1, 1, 2.0**53)).lr(0) == 2.0**53 + 2


def test_a_product_is_multiplied_from_left_to_right():
    given = [0.1, 0.7, 0.3]
    assert loads(constants("product", *given)).lr(0) == 0.1 * 0.7 * 0.3 != 0.1 * (0.7 * 0.3)


def test_all_see_the_same_update():
    seen = np.array([[lrs(line, 12)[t], 0.35] for t in range(12)])
    of = [line, Constant(base_lr=0.35)]
    for kind, result in (("sum", seen.sum(1)), ("product", seen.prod(1)), ("minimum", seen.min(1)),
                         ("maximum", seen.max(1))):
        assert lrs(KINDS[kind](of=of), 12).tolist() == result.tolist(), kind
