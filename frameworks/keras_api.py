"""The Keras that the TensorFlow backend uses: Keras 3, or Keras 2 where that is what `tf.keras` is.

With Keras' TensorFlow backend a schedule is a graph. With its jax and torch backends the same TensorFlow rule computes
on the host, in float64, and the optimizer gets the nearest float32. jax calls the rule from inside its programs.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy

from frameworks.keras_choice import check_version, find_keras_backend, import_keras

import_keras()

import tensorflow as tf  # noqa: E402  (after Keras)

BACKEND = find_keras_backend()
IS_KERAS_2 = check_version().startswith("2.")
if IS_KERAS_2:
    keras = tf.keras
else:
    import keras
jax: Any = importlib.import_module("jax") if BACKEND == "jax" else None

if BACKEND == "tensorflow":
    CosineDecay = keras.optimizers.schedules.CosineDecay
    ExponentialDecay = keras.optimizers.schedules.ExponentialDecay
    InverseTimeDecay = keras.optimizers.schedules.InverseTimeDecay
    PiecewiseConstantDecay = keras.optimizers.schedules.PiecewiseConstantDecay
    PolynomialDecay = keras.optimizers.schedules.PolynomialDecay
else:  # Keras' classes compute in its backend, in float32
    from frameworks.keras_rules import (  # noqa: F401
        CosineDecay,
        ExponentialDecay,
        InverseTimeDecay,
        PiecewiseConstantDecay,
        PolynomialDecay,
    )


def build_rate_function(rule: Callable[[tf.Tensor], tf.Tensor]) -> Callable[[Any], Any]:
    """Return the function from a step to its float32 rate, a tensor of Keras' backend of the shape of the step.

    rule: from `t`, an int64 tensor, to the rate, a float64 tensor.
    """
    if BACKEND == "tensorflow":
        return lambda step: tf.cast(rule(tf.cast(step, tf.int64)), tf.float32)

    of_any_shape = tf.TensorSpec(None, tf.int64)  # pyright: ignore[reportArgumentType]  (the stub lacks None)
    graph = tf.function(rule, autograph=False, input_signature=[of_any_shape])

    def compute_on_host(step: Any) -> numpy.ndarray:
        with tf.device("/CPU:0"):
            return graph(tf.constant(numpy.asarray(step), tf.int64)).numpy().astype(numpy.float32)

    def compute(step: Any) -> Any:
        if isinstance(step, keras.Variable):
            step = keras.ops.convert_to_tensor(step)
        if jax is not None and isinstance(step, jax.core.Tracer):  # inside a jitted program
            rate = jax.ShapeDtypeStruct(step.shape, "float32")
            return jax.pure_callback(compute_on_host, rate, step, vmap_method="expand_dims")
        return keras.ops.convert_to_tensor(compute_on_host(keras.ops.convert_to_numpy(step)))

    return compute


def build_optimizer(optimizer: Any, weights: list[tf.Variable]) -> None:
    """Make the variables of a Keras optimizer; those of Keras 2.10 make them at first use."""
    if hasattr(optimizer, "build"):
        optimizer.build(weights)
    else:
        optimizer._create_all_weights(weights)


def read_reported_rate(optimizer: Any) -> tf.Tensor:
    """Return the rate that a Keras optimizer reports, also where Keras 2.10 reports its schedule."""
    rate: Any = optimizer.learning_rate
    if callable(rate):
        rate = rate(optimizer.iterations)
    return rate


def is_next_reported(optimizer: Any) -> bool:
    """Return whether the optimizer reports the rate of its next update; otherwise it reports that of its last.

    Keras 2.11 and later Keras 2 store a schedule's rate in a variable, at each update.
    """
    return not hasattr(optimizer, "_current_learning_rate")
