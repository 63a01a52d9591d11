"""Measures the rate that each update of a Keras optimizer applies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from frameworks.keras_api import BACKEND, build_optimizer, is_next_reported, keras, read_reported_rate
from frameworks.observation import CHUNK, GRADIENTS, SHAPES, Observation
from frameworks.schedule import Schedule
from frameworks.tensorflow.schedules import build


def observe(
    schedule: Schedule, updates: int, *, build: Callable = build, optimizer: Callable = keras.optimizers.SGD,
) -> Observation:
    """Make updates with plain SGD and return the rate that each of them applied to each weight.

    schedule: the schedule; update 0 is the first.
    updates: the number of updates, 1 or more.
    build: builds the Keras' schedule from the schedule (default: `build` of this package).
    optimizer: builds the optimizer from `learning_rate` (default: keras.optimizers.SGD).
    """
    if BACKEND != "tensorflow":
        return _observe_eagerly(updates, optimizer(learning_rate=build(schedule)))
    weights = [tf.Variable(tf.zeros(shape)) for shape in SHAPES]
    gradients = [tf.fill(shape, gradient) for shape, gradient in zip(SHAPES, GRADIENTS)]
    trained = optimizer(learning_rate=build(schedule))
    build_optimizer(trained, weights)

    @tf.function(autograph=False)
    def watch(updates: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        def step(update: tf.Tensor, seen: tf.TensorArray, reported: tf.TensorArray) -> tuple:
            rate = read_reported_rate(trained)
            for weight in weights:
                weight.assign(tf.zeros_like(weight))
            trained.apply_gradients(zip(gradients, weights))
            if not is_next_reported(trained):
                rate = read_reported_rate(trained)
            reported = reported.write(update, tf.cast(rate, tf.float64))
            return update + 1, seen.write(update, tf.concat([tf.reshape(w, [-1]) for w in weights], 0)), reported

        empty = tf.TensorArray(tf.float32, updates), tf.TensorArray(tf.float64, updates)
        _, seen, reported = tf.while_loop(lambda update, *_: update < updates, step, (0, *empty))
        return seen.stack(), reported.stack()

    parts = [[part.numpy() for part in watch(tf.constant(min(CHUNK, updates - start)))]
             for start in range(0, updates, CHUNK)]
    return Observation.from_weights(*map(np.concatenate, zip(*parts)))


def _observe_eagerly(updates: int, trained: keras.optimizers.Optimizer) -> Observation:
    """Make the updates one at a time, with Keras on jax or torch."""
    to_numpy: Any = keras.ops.convert_to_numpy
    weights = [keras.Variable(np.zeros(shape, np.float32)) for shape in SHAPES]
    gradients = [keras.ops.full(shape, gradient, "float32") for shape, gradient in zip(SHAPES, GRADIENTS)]
    trained.build(weights)
    seen, reported = [], []
    for _ in range(updates):
        reported.append(float(to_numpy(trained.learning_rate)))
        for weight in weights:
            weight.assign(np.zeros(weight.shape, np.float32))
        trained.apply(gradients, weights)
        seen.append(np.concatenate([to_numpy(weight).ravel() for weight in weights]))
    return Observation.from_weights(np.array(seen), reported)
