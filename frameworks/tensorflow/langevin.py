"""Samples from posteriors with SGD in Keras: stochastic gradient Langevin dynamics (Welling and Teh 2011).

Each update with the rate e subtracts e times the gradient of energy / 2 - noise * weight / sqrt(e). So it adds
-e / 2 times the gradient of the energy, and noise of the variance e.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from frameworks.keras_api import keras
from frameworks.keras_choice import require_keras_3_on_tensorflow
from frameworks.schedule import Schedule
from frameworks.tensorflow.schedules import build
from frameworks.tensorflow.training import build_tensors
from frameworks.weights import Sweeps


def sample_mixture(
    schedule: Schedule, first: np.ndarray, size: int, sweeps: Iterable[tuple[np.ndarray, np.ndarray]],
) -> Iterator[np.ndarray]:
    """Yield the two means after each sweep, float64, shape (2, chains); the chains are independent.

    schedule: the rate of each update.
    first: the first means, float64, shape (2, chains).
    size: the number of data points.
    sweeps: for each sweep, the point and the normal noise of each update: shapes (updates, chains) and
        (updates, 2, chains).

    Source: Welling and Teh 2011, section 5.1: theta1 ~ N(0, 10), theta2 ~ N(0, 1), and the points x are
        N(theta1, 2) / 2 + N(theta1 + theta2, 2) / 2, with variances in the second place.
    """
    require_keras_3_on_tensorflow("sample_mixture")
    means: Any = tf.Variable(tf.constant(first))
    optimizer = keras.optimizers.SGD(learning_rate=build(schedule))
    optimizer.build([means])

    @tf.function(jit_compile=True)
    def sweep(points: tf.Tensor, noises: tf.Tensor) -> tf.Tensor:
        for update in tf.range(len(points)):
            with tf.GradientTape() as tape:
                offset: Any = points[update] - means[0]
                errors = offset**2 / 4 - tf.nn.softplus(means[1] * (2 * offset - means[1]) / 4)
                prior = means[0]**2 / 20 + means[1]**2 / 2
                energy = size * errors + prior
                rate: Any = tf.cast(optimizer.learning_rate, tf.float64)
                loss = tf.reduce_sum(energy) / 2 - tf.reduce_sum(noises[update] * means) / rate**0.5
            optimizer.apply(tape.gradient(loss, [means]), [means])
        return means.read_value()

    for points, noises in sweeps:
        yield sweep(tf.constant(points), tf.constant(noises)).numpy()


def sample_lenet(
    net: keras.Model, schedule: Schedule, training: tuple[np.ndarray, np.ndarray], sweeps: Sweeps, device: str,
) -> Iterator[None]:
    """Update the weights of a network, and yield after each sweep. Their prior is N(0, 1).

    net: the network of `build_lenet`, on the device.
    schedule: the rate of each update.
    training: images, shape (n, 28, 28), in the type of the weights, and labels, int64, shape (n,).
    sweeps: for each sweep, the indices of the images of each batch, and normal noise for each weight, in the layouts of
        `frameworks.weights.SHAPES`.
    device: the device, "/CPU:0" or "/GPU:0".
    """
    require_keras_3_on_tensorflow("sample_lenet")
    images, labels = build_tensors(training, device)
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype=images.dtype.name)
    weights = net.trainable_variables
    optimizer = keras.optimizers.SGD(learning_rate=build(schedule))
    optimizer.build(weights)

    @tf.function(reduce_retracing=True)
    def update(batch: tf.Tensor, noises: list[tf.Tensor]) -> None:
        with tf.GradientTape() as tape:
            error: Any = loss_of(tf.gather(labels, batch), net(tf.gather(images, batch), training=True))
            energy = len(labels) * error + tf.add_n([tf.reduce_sum(weight**2) for weight in weights]) / 2
            rate: Any = tf.cast(optimizer.learning_rate, images.dtype)
            noise = tf.add_n([tf.reduce_sum(weight * normal) for weight, normal in zip(weights, noises)])
            loss = energy / 2 - noise / rate**0.5
        optimizer.apply(tape.gradient(loss, weights), weights)

    for sweep in sweeps:
        for batch, noises in sweep:
            with tf.device(device):
                update(tf.constant(batch), [
                    tf.constant(normal.transpose(2, 3, 1, 0) if normal.ndim == 4 else normal.T) for normal in noises])
        yield


def predict(net: keras.Model, images: np.ndarray, device: str) -> np.ndarray:
    """Return the probability of each class for each image, float64, shape (n, 10).

    net: the network of `build_lenet`, on the device.
    images: shape (n, 28, 28), in the type of the weights.
    device: the device, "/CPU:0" or "/GPU:0".
    """
    inputs, _ = build_tensors((images, np.zeros(len(images), np.int64)), device)
    outputs: Any = (net(inputs[start:start + 1000], training=False) for start in range(0, len(images), 1000))
    return np.concatenate([tf.nn.softmax(tf.cast(part, tf.float64)).numpy() for part in outputs])
