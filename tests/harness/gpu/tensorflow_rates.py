"""Measures the rates of Keras' optimizers on a device: in a graph, compiled by XLA, in two types of weights."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from frameworks import backend
from frameworks.keras_api import keras
from frameworks.observation import GRADIENTS, SHAPES, SIZES, Observation
from frameworks.schedule import Schedule
from frameworks.tensorflow import build
from tests.harness.gpu.agreement import FEW, SOME, choose_cases, compare_cases, find_frozen
from tests.harness.gpu.place import Check, Place, Result

OPTIMIZERS = {"SGD": keras.optimizers.SGD,
              "Adam": partial(keras.optimizers.Adam, beta_1=0.0, beta_2=0.0, epsilon=0.0)}


def observe(schedule: Schedule, updates: int, device: str, *, dtype: str = "float32", jit: bool = False,
            optimizer: str = "SGD", frozen: bool = False) -> np.ndarray:
    """Return the applied rates of updates from 0 on: float32, shape (updates, 11).

    All updates are one tf.function. jit: whether XLA compiles it (default: no). frozen: whether the step multiplies by
    the first rate as a Python number, the mistake that must be found (default: no).
    """
    with tf.device(device):
        weights = [tf.Variable(tf.zeros(shape, dtype)) for shape in SHAPES]
        gradients = [tf.fill(shape, tf.constant(gradient, dtype)) for shape, gradient in zip(SHAPES, GRADIENTS)]
        trained: Any = OPTIMIZERS[optimizer](learning_rate=build(schedule))
        trained.build(weights)
        number = float(trained.learning_rate)

        @tf.function(autograph=False, jit_compile=jit)
        def watch() -> tf.Tensor:
            def step(update: tf.Tensor, seen: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
                for weight, gradient in zip(weights, gradients):
                    weight.assign(-number * gradient if frozen else tf.zeros_like(weight))
                if not frozen:
                    trained.apply(gradients, weights)
                row = tf.concat([tf.reshape(tf.cast(weight, tf.float32), [-1]) for weight in weights], 0)
                return update + 1, seen.write(update, row)

            empty = tf.TensorArray(tf.float32, updates, element_shape=(sum(SIZES),))
            return tf.while_loop(lambda update, _: update < updates, step, (0, empty))[1].stack()

        rates = watch().numpy()
    if optimizer == "Adam":  # with both betas 0 it divides a gradient by its absolute value
        rates = rates * np.abs(np.repeat(np.float32(GRADIENTS), SIZES))
    return Observation.from_weights(rates, []).applied


def list_checks(place: Place) -> Iterator[tuple[str, Check]]:
    """Yield the checks of Keras' rates, with a case of each kind: each traces or compiles a function."""
    device = backend("tensorflow").choose_device(place.device)
    cases, most = choose_cases(place.rehearse, by_kind=True), FEW if place.rehearse else SOME

    def compare(dtype: str, jit: bool, optimizer: str, until: float) -> Result:
        watch = partial(observe, device=device, dtype=dtype, jit=jit, optimizer=optimizer)
        return compare_cases(watch, cases, most, until, dtype=dtype)

    for jit, name in ((False, "graph"), (True, "XLA")):
        yield f"planted: {name}, with the rate as a Python number", lambda until, jit=jit: find_frozen(
            partial(observe, device=device, jit=jit, frozen=True))
    for optimizer, dtype, jit in itertools.product(("SGD", "Adam"), ("float32", "bfloat16"), (False, True)):
        yield f"{optimizer}, {dtype}, {'XLA' if jit else 'graph'}", partial(compare, dtype, jit, optimizer)
