"""Tests that planted mistakes in cycles and tails are named, with the side that makes them."""

from __future__ import annotations

import pytest

from frameworks.schedule import (
    Annealing,
    Constant,
    Cosine,
    CosineRestarts,
    Delay,
    Noam,
    Polynomial,
    Repeat,
    Sequence,
    Shift,
    Warmup,
    Wsd,
)
from parity.mistakes.search.pair import Pair
from parity.mistakes.search.subject import Subject
from parity.mistakes.search.why import explain

waves = CosineRestarts(base_lr=0.5, final_lr=0.125, updates=8, growth=2, decay=0.75)
even = CosineRestarts(base_lr=0.5, final_lr=0.125, updates=8)
warm = CosineRestarts(base_lr=0.5, updates=8, warmup=3)
line = Repeat(updates=8, decay=0.5, min_lr=0.125, of=Polynomial(base_lr=0.5, final_lr=0.125, power=1, updates=8))
root = Annealing(shape="linear", base_lr=0.3, final_lr=0.0, updates=20, power=0.5)

PLANTED = {
    "root_alone": (Wsd(base_lr=0.3, warmup=0, stable=0, decay=20, tail="one_minus_sqrt"), root,
                   "root for one minus root", 1),
    "root_under_a_shift": (
        Wsd(base_lr=0.3, warmup=5, stable=3, decay=20, decay_from=1, tail="one_minus_sqrt"),
        Sequence(parts=[Warmup(updates=5, then=Constant(base_lr=0.3)), Shift(by=1, of=root)], boundaries=[8]),
        "root for one minus root", 8),
    "even": (waves, waves.model_copy(update={"growth": 1}), "rounds of other lengths", 9),
    "doubled": (even, even.model_copy(update={"growth": 2}), "rounds of other lengths", 9),
    "doubled_of_a_repeat": (Repeat(updates=8, of=Cosine(base_lr=0.5, updates=8)),
                            CosineRestarts(base_lr=0.5, updates=8, growth=2), "rounds of other lengths", 9),
    "as_high": (waves, waves.model_copy(update={"decay": 1.0}), "rounds that do not sink", 8),
    "as_high_lines": (line, line.model_copy(update={"decay": 1.0}), "rounds that do not sink", 8),
    "peak": (waves, waves.model_copy(update={"sinks": "peak"}), "another part of rounds sinks", 8),
    "warm_once": (warm, Sequence(parts=[warm, Shift(by=8, of=warm.model_copy(update={"warmup": 0}))], boundaries=[8]),
                  "warm-up in the first round only", 8),
    "held": (even, Cosine(base_lr=0.5, final_lr=0.125, updates=8), "held instead of periodic", 8),
    "longer": (warm, warm.model_copy(update={"updates": 9}), "round one update longer", 4),
    "shorter": (warm, warm.model_copy(update={"updates": 7}), "round one update shorter", 4),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_was_planted_is_named(name):
    a, b, cause, first = PLANTED[name]
    pair = Pair(Subject("A", a), Subject("B", b), 75)
    why = explain(pair)
    assert (cause in [one.name for one in why.causes], why.side, int(pair.differing[0])) == (True, "B", first)


def test_a_cycle_is_not_shorter_than_its_warmup():
    tight = CosineRestarts(base_lr=0.5, updates=4, warmup=3)
    pair = Pair(Subject("A", tight), Subject("B", tight.model_copy(update={"base_lr": 0.25})), 75)
    assert [one.name for one in explain(pair).causes] == ["base rate overwritten"]


WARM = Warmup(updates=5, then=Cosine(base_lr=0.3, updates=20))


@pytest.mark.parametrize(("a", "b", "told"), [
    (Noam(d_model=512, warmup=10), Noam(d_model=512, warmup=10, first=0), "the first update is 0 in B, 1 in A"),
    (Delay(by=5, of=WARM), WARM, "A holds its first rate for 5 updates, B not at all"),
    (Constant(base_lr=0), Cosine(base_lr=0.3, updates=20), "the base rate is 0 in A, 0.3 in B"),
    (Constant(base_lr=1e37), Constant(base_lr=1e-37), "each rate of B is 1e-74 times A's")])
def test_a_cause_is_told_in_the_words_of_what_was_written(a, b, told):
    """A composed kind is described by its fields, a held schedule by its rate; no constant is called used up."""
    assert explain(Pair(Subject("A", a), Subject("B", b), 50)).format_sentences()[0] == told
