"""Checks Keras schedules inside graphs and compiled by XLA."""

from __future__ import annotations

import numpy as np
import pytest

from frameworks import backend
from frameworks.schedule import Cosine, Factor, MultiFactor, Polynomial, Warmup, lrs
from parity.cases import CASES
from parity.measuring.compare import compare

warm = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
drops = MultiFactor(base_lr=0.3, factor=0.5, milestones=[1, 7])


def float32(schedule, updates):
    """Return the specified rates, rounded to float32."""
    return lrs(schedule, updates).astype(np.float32).tolist()


@pytest.mark.parametrize("compiled", ["eagerly", "in a graph", "by XLA"])
@pytest.mark.parametrize("schedule", [warm, drops, Factor(base_lr=0.3, factor=0.9, every=7)], ids=lambda s: s.kind)
def test_keras_schedule_is_the_same_however_it_is_run(schedule, compiled):
    """Eager calls, graphs and XLA return the same rates."""
    import tensorflow as tf

    compute = backend("tensorflow").build(schedule)
    if compiled != "eagerly":
        compute = tf.function(compute, jit_compile=compiled == "by XLA")
    assert [float(compute(tf.constant(t, tf.int64))) for t in range(40)] == float32(schedule, 40)


XLA = {name: case.schedule for name, case in CASES.items() if not name.startswith("book_")} | {
    f"every_{n}": Factor(base_lr=1.0, factor=0.5, every=n) for n in (3, 98, 103, 997)} | {
    f"polynomial_{n}_{power}": Polynomial(base_lr=0.3, updates=n, power=power)
    for n in (7, 49, 997, 999983) for power in (0.1, 0.9, 1.5, 2.0, 3.0)}


@pytest.mark.parametrize("name", XLA)
def test_keras_schedule_compiled_by_xla(name):
    """Rates stay exact where XLA multiplies by the inverse of a constant; `step` may be a vector."""
    import tensorflow as tf

    schedule = XLA[name]
    compute = tf.function(backend("tensorflow").build(schedule), jit_compile=True)
    updates = max(50, min(int(1.2 * schedule.horizon), 1_200_000))
    for rates in (compute(tf.range(updates, dtype=tf.int64)).numpy(),
                  np.array([compute(tf.constant(t, tf.int64)).numpy() for t in range(50)])):
        comparison = compare(schedule, rates[:, None])
        assert comparison.first is None, comparison.first


def test_keras_fit_compiled_by_xla():
    """With the output as the loss the gradient is 1, so the weight becomes minus the sum of the rates."""
    import keras

    schedule = Polynomial(base_lr=0.3, updates=7, power=0.9)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=backend("tensorflow").build(schedule)),
                  loss=lambda targets, outputs: outputs, jit_compile=True)
    model.fit(np.ones((12, 1)), np.zeros((12, 1)), batch_size=1, verbose=0)
    assert float(model.get_weights()[0][0, 0]) == pytest.approx(-lrs(schedule, 12).sum(), rel=1e-6)


@pytest.mark.parametrize("built_in", [False, True])
def test_keras_own_cosine_may_not_increase(built_in):
    """`(1 - alpha) * cosine + alpha` loses digits of a rate that is 1e-9 of its end."""
    import keras
    import tensorflow as tf

    schedule = Cosine(base_lr=1e-9, final_lr=1.0, updates=1_000_000)
    compute = keras.optimizers.schedules.CosineDecay(np.float64(1e-9), np.float64(1e6), alpha=np.float64(1e9))
    compute = compute if built_in else backend("tensorflow").build(schedule)
    rates = tf.cast(tf.stack([compute(tf.constant(t, tf.int64)) for t in range(60)]), tf.float32).numpy()
    assert (compare(schedule, rates[:, None]).first is not None) is built_in


def test_keras_registers_the_schedule_by_a_name_that_stays():
    """A saved model has the registered name, which does not contain the module."""
    import keras

    assert keras.saving.get_registered_name(type(backend("tensorflow").build(warm))) == "frameworks>Specified"


@pytest.mark.parametrize("name", CASES)
def test_keras_rules_stay_in_float64(name):
    """Rates are float64 inside a graph too, where TensorFlow converts a list of float64 numbers to float32."""
    import tensorflow as tf

    from frameworks.schedule import expand
    from frameworks.tensorflow.schedules.rule import rule

    graph = tf.function(rule(expand(CASES[name].schedule))).get_concrete_function(tf.TensorSpec([], tf.int64))
    assert graph.output_dtypes == tf.float64
