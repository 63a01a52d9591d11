"""Tests annealings and increasing exponentials: ends, refusals, and that no digits are lost."""

from __future__ import annotations

import importlib
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from frameworks import FRAMEWORKS, backend
from frameworks.schedule import (
    Annealing,
    Cosine,
    Exponential,
    InverseSquareRoot,
    InverseTime,
    Polynomial,
    PowerLaw,
    SpecificationError,
    loads,
    lrs,
)
from parity.cases import GROUPS
from parity.gate.laws.algebra import annealing
from parity.measuring.margin import EDGE
from parity.mistakes.record import About
from parity.mistakes.search.mistakes import try_mistakes
from parity.port.edges import compute_span, find_boundary_cases
from parity.port.write.native import NATIVE

CURVE = '"kind": "annealing", "updates": 9, "base_lr": 0.1'
RISING = '"kind": "exponential", "updates": 9, "base_lr": 0.1'
REFUSED = {
    f'{{{CURVE}, "shape": "exponential", "final_lr": 0.1, "power": 2.0}}': [
        "power: must be 1 for the shape 'exponential', got 2.0"],
    f'{{{CURVE}, "shape": "exponential"}}': ["final_lr: must be at least 1e-37 for the shape 'exponential', got 0.0"],
    '{"kind": "annealing", "shape": "exponential", "base_lr": 0, "final_lr": 1e-40, "updates": 0}': [
        "base_lr: must be at least 1e-37 for the shape 'exponential', got 0",
        "final_lr: must be at least 1e-37 for the shape 'exponential', got 1e-40",
        "updates: must be at least 1e-37, got 0"],
    f'{{{CURVE}, "shape": "tanh", "elapsed": -1}}': [
        "shape: must be 'linear', 'cosine' or 'exponential', got \"tanh\"", "elapsed: must be at least 0, got -1"],
    f"{{{CURVE}}}": ["shape: missing; a schedule of kind 'annealing' needs it"],
    f'{{{RISING}, "factor": 1.5}}': ["factor: above 1 needs a max_lr, since a rate stays finite, got 1.5"],
    f'{{{RISING}, "factor": 1.5, "max_lr": 0.05}}': ["max_lr: must be at least base_lr (0.1), got 0.05"],
    '{"kind": "exponential", "updates": 9, "base_lr": 1e-40, "factor": 2, "max_lr": 1}': [
        "factor: above 1 needs a base_lr of 0 or at least 1e-37, got 2"],
    f'{{{RISING}, "factor": 0.0}}': ["factor: must be at least 1e-37, got 0.0"],
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:90].replace(" ", ""))
def test_mistakes_are_said(text):
    with pytest.raises(SpecificationError) as caught:
        loads(text, name="s.json")
    assert caught.value.mistakes == [f"s.json: {line}" for line in REFUSED[text]]


@given(annealing())
@settings(max_examples=300, deadline=None)
def test_both_ends_are_exact(schedule):
    if not schedule.elapsed:
        assert schedule.lr(0) == schedule.base_lr
    for t in (schedule.horizon, schedule.horizon + 1, 2**53):
        assert schedule.lr(t) == schedule.final_lr
    if schedule.horizon:
        assert schedule.horizon - 1 + schedule.elapsed < schedule.updates


@pytest.mark.parametrize(("bent", "known"), [
    (Annealing(shape="linear", base_lr=0.3, final_lr=0.01, power=1.7, updates=41.0),
     Polynomial(base_lr=0.3, final_lr=0.01, power=1.7, updates=41)),
    (Annealing(shape="linear", base_lr=0.1, final_lr=0.4, updates=41.0),
     Polynomial(base_lr=0.1, final_lr=0.4, power=1, updates=41)),
    (Annealing(shape="cosine", base_lr=0.3, final_lr=0.01, updates=41.0),
     Cosine(base_lr=0.3, final_lr=0.01, updates=41)),
    (PowerLaw(base_lr=0.3, timescale=7.5, power=0.5), InverseSquareRoot(base_lr=0.3, timescale=7.5)),
    (PowerLaw(base_lr=0.3, timescale=7.5, power=1), InverseTime(base_lr=0.3, timescale=7.5)),
    (Exponential(base_lr=0.01, max_lr=0.4, factor=40.0, updates=41),
     Annealing(shape="exponential", base_lr=0.01, final_lr=0.4, updates=41.0)),
    (Exponential(base_lr=0.3, max_lr=0.3, factor=0.5, updates=41), Exponential(base_lr=0.3, factor=0.5, updates=41)),
])
def test_what_is_another_kind_too_is_that_kind(bent, known):
    rates = lrs(known, 100)
    assert np.all(np.abs(lrs(bent, 100) - rates) <= EDGE * np.maximum.accumulate(rates))


def compute_exact_rate(schedule, t):
    """Return the rate of a line with whole powers as a fraction."""
    base, final = Fraction(schedule.base_lr), Fraction(schedule.final_lr)
    y = (t / Fraction(schedule.updates)) ** int(schedule.elapsed_power)
    return base + (final - base) * (1 - (1 - y) ** int(schedule.power))


def build_port(framework, schedule):
    """Return the function of a back end, in float64."""
    backend(framework)
    importlib.import_module(f"frameworks.{framework}.schedules")
    rule = importlib.import_module(f"frameworks.{framework}.schedules.rule").rule(schedule)
    return lambda t: float(rule(np.int64(t) if framework == "tensorflow" else t))


@pytest.mark.parametrize("framework", ["", *FRAMEWORKS])
@pytest.mark.parametrize("schedule", [
    Annealing(shape="linear", base_lr=1e-13, final_lr=1.0, power=2.0, updates=1e6),
    Annealing(shape="linear", base_lr=0.0, final_lr=0.3, power=3.0, elapsed_power=2.0, updates=300.5)],
    ids=lambda schedule: f"{schedule.base_lr:g}")
def test_an_increase_from_nearly_0_loses_no_digits(schedule, framework):
    """Compares relatively to the rate at that update, not to the largest rate of the schedule."""
    asked = build_port(framework, schedule) if framework else schedule.lr
    lost = 0
    for t in (1, 2, 50, 299):
        right = compute_exact_rate(schedule, t)
        assert abs(Fraction(asked(t)) - right) <= Fraction(EDGE) * right, t
        plain = schedule.base_lr + (schedule.final_lr - schedule.base_lr) * (
            1 - (1 - (t / schedule.updates) ** schedule.elapsed_power) ** schedule.power)
        lost += abs(Fraction(plain) - right) > Fraction(EDGE) * right
    assert lost  # the formula as books print it loses digits


@pytest.mark.parametrize("framework", ["", *FRAMEWORKS])
@pytest.mark.parametrize("schedule", [
    Exponential(base_lr=0.001, max_lr=0.5, factor=2.0, updates=1),
    Exponential(base_lr=1e-37, max_lr=1e37, factor=1e37, updates=1),
    Exponential(base_lr=0.0, max_lr=0.5, factor=3.0, updates=2),
    Exponential(base_lr=0.0, max_lr=0.0, factor=3.0, updates=2),
    Exponential(base_lr=1e-3, max_lr=0.5, factor=1 + 2.0**-52, updates=1)], ids=lambda schedule: f"{schedule.factor:g}")
def test_no_power_overflows_far_away(schedule, framework):
    asked = build_port(framework, schedule) if framework else schedule.lr
    rates = [asked(t) for t in (1100, 2**31, 2**52, 2**53)]
    assert rates == pytest.approx([schedule.lr(t) for t in (1100, 2**31, 2**52, 2**53)], rel=1e-14)
    assert max(rates) <= schedule.largest


@pytest.mark.parametrize("name", GROUPS["annealing"])
def test_compiled_by_xla_the_rates_are_the_same(name):
    import tensorflow as tf

    from frameworks.tensorflow import build

    schedule = GROUPS["annealing"][name].schedule
    compiled = tf.function(build(schedule), jit_compile=True, autograph=False)
    assert compiled(np.arange(1200)).numpy().tolist() == lrs(schedule, 1200).astype(np.float32).tolist()


@pytest.mark.parametrize("name", GROUPS["annealing"])
def test_every_mistake_that_explain_tries_has_rates(name):
    schedule = GROUPS["annealing"][name].schedule
    tried = [(changed, cause.name) for changed, cause in try_mistakes(schedule, About((0.0, 1e-40, 0.25)))]
    assert all(np.isfinite(lrs(changed, 100)).all() for changed, _ in tried)
    assert {"one update early", "one update late"} <= {cause for _, cause in tried}
    if name == "annealing_k_decay":
        assert {"horizon one update longer", "base rate overwritten", "floor missing"} <= {cause for _, cause in tried}


def test_code_is_followed_as_far_as_a_rate_changes():
    assert compute_span(PowerLaw(base_lr=0.3, timescale=19.5, power=2)) == 40
    assert compute_span(GROUPS["annealing"]["exponential_upwards"].schedule) == 63
    assert find_boundary_cases(GROUPS["annealing"]["exponential_upwards"].schedule) == [0, 1, 6, 7, 8, 62, 63, 64, 126]
    assert find_boundary_cases(Annealing(shape="cosine", base_lr=0.3, updates=6.5, elapsed=0.75)) == [0, 1, 5, 6, 7, 12]


@pytest.mark.parametrize(("schedule", "said"), [
    (Annealing(shape="cosine", base_lr=0.4, final_lr=0.1, power=2.0, updates=20),
     "cosine_decay_schedule(0.4, 20, alpha=0.25, exponent=2.0)"),
    (Annealing(shape="linear", base_lr=0.4, power=2.0, updates=20), "polynomial_schedule(0.4, 0.0, 2.0, 20)"),
    (Annealing(shape="exponential", base_lr=0.4, final_lr=0.1, updates=20),
     "exponential_decay(0.4, 20, 0.25, end_value=0.1)"),
    (Exponential(base_lr=0.1, max_lr=0.4, factor=2.0, updates=5), "exponential_decay(0.1, 5, 2.0, end_value=0.4)"),
    (Annealing(shape="cosine", base_lr=0.4, updates=20.5), ""),
    (Annealing(shape="cosine", base_lr=0.4, updates=20, elapsed=1), ""),
    (Annealing(shape="cosine", base_lr=0.4, updates=20, elapsed_power=2), ""), (PowerLaw(base_lr=0.4, power=2), "")])
def test_optax_has_these_and_no_others(schedule, said):
    native = NATIVE["optax"](schedule)
    assert (native is None) == (not said)
    assert said in (native.code if native else "")
    assert all(NATIVE[framework](schedule) is None for framework in FRAMEWORKS)
