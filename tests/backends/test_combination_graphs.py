"""Tests combinations inside graphs: their float64 rates stay within the tolerance, not only their float32 rates."""

from __future__ import annotations

import numpy as np
import pytest

from frameworks import backend
from frameworks.schedule import Cosine, Polynomial, Product, Sum
from parity.cases import GROUPS
from parity.measuring.margin import compute_bounds

rising = [Cosine(base_lr=1e-6, final_lr=6.7, updates=36), Cosine(base_lr=0.5, final_lr=7.9, updates=31)]
SCHEDULES = {name: case.schedule for name, case in GROUPS["combinations"].items()} | {
    "sum_of_rising_cosines": Sum(of=rising),
    "product_of_rising_curves": Product(of=[Cosine(base_lr=0.5, final_lr=7.9, updates=31),
                                            Polynomial(base_lr=0.1, final_lr=3.0, power=2, updates=40)]),
}


def within(schedule, rates):
    found = compute_bounds(schedule, np.arange(len(rates)))
    return bool(((np.maximum(found.lowest, 0) <= rates) & (rates <= found.highest)).all())


def in_a_graph(function, updates, by_xla=False):
    import tensorflow as tf

    return tf.function(function, jit_compile=by_xla)(tf.range(updates, dtype=tf.int64)).numpy()


def build_rule(schedule):
    backend("tensorflow")
    from frameworks.tensorflow.schedules.rule import rule

    return rule(schedule)


@pytest.mark.parametrize("by_xla", [False, True], ids=["graph", "XLA"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_float64_rates_in_a_graph_stay_within_the_tolerance(name, by_xla):
    assert within(SCHEDULES[name], in_a_graph(build_rule(SCHEDULES[name]), 60, by_xla))


def test_plain_sums_of_increasing_curves_do_not():
    first, second = map(build_rule, rising)
    assert not within(Sum(of=rising), in_a_graph(lambda t: first(t) + second(t), 60))


def test_nor_do_other_rates():
    rates = in_a_graph(build_rule(Sum(of=rising)), 60)
    assert not within(Sum(of=rising), rates * (1 + 12 * 2.0**-53))
