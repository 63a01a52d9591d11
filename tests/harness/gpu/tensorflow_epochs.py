"""Trains a network in TensorFlow without waiting for the device within an epoch: an epoch is one tf.function."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from frameworks.epoch import Epoch
from frameworks.keras_api import keras
from frameworks.schedule import Schedule
from frameworks.tensorflow import build
from frameworks.tensorflow.training import build_tensors, evaluate_tensors

Data = tuple[np.ndarray, np.ndarray]


def train(
    net: keras.Model, schedule: Schedule, training: Data, testing: Data, epochs: Iterable[list[np.ndarray]],
    device: str, *, jit: bool = False, frozen: bool = False,
) -> Iterator[Epoch]:
    """Train a network and yield an Epoch after each epoch, as `train` of the back end; its rates are the applied ones.

    jit: whether XLA compiles the epoch (default: no). frozen: whether the optimizer gets the first rate as a
    number, a mistake that must be found (default: no).

    The optimizer has one variable more, the probe: 0 before each update, with gradient 1. After an update it is minus
    the rate that the optimizer applied. All batches but the last have the same size.
    """
    images, labels = build_tensors(training, device)
    test_images, test_labels = build_tensors(testing, device)
    loss_of: Any = keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype=images.dtype.name)
    with tf.device(device):
        probe = tf.Variable(tf.zeros(1, images.dtype))
        variables = [*(variable.value for variable in net.trainable_variables), probe]
        first: Any = build(schedule)
        optimizer: Any = keras.optimizers.SGD(float(first(0)) if frozen else first)
        optimizer.build(variables)

    def update(batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        inputs, targets = tf.gather(images, batch), tf.gather(labels, batch)
        with tf.GradientTape() as tape:
            outputs: Any = net(inputs, training=True)
            loss: Any = loss_of(targets, outputs)
        gradients: Any = tape.gradient(loss, variables[:-1])
        probe.assign(tf.zeros_like(probe))
        optimizer.apply([*gradients, tf.ones_like(probe)], variables)
        return loss, -probe[0], tf.reduce_sum(tf.cast(tf.argmax(outputs, axis=1) == targets, tf.int64))

    @tf.function(autograph=False, jit_compile=jit)
    def train_epoch(whole: tf.Tensor, rest: tf.Tensor) -> list[tf.Tensor]:
        number = whole.shape[0]
        seen = [tf.TensorArray(kind, number + 1, element_shape=())
                for kind in (images.dtype, images.dtype, tf.int64)]
        _, seen = tf.while_loop(
            lambda at, _: at < number,
            lambda at, seen: (at + 1, [array.write(at, value) for array, value in zip(seen, update(whole[at]))]),
            (0, seen))
        return [array.write(number, value).stack() for array, value in zip(seen, update(rest))]

    for batches in epochs:
        with tf.device(device):
            whole = tf.constant(np.array(batches[:-1]).reshape(len(batches) - 1, len(batches[0])))
            losses, rates, correct = train_epoch(whole, tf.constant(batches[-1]))
        tested = evaluate_tensors(net, test_images, test_labels)
        yield Epoch(
            losses=losses.numpy().astype(np.float64),
            rates=rates.numpy().astype(np.float64) + 0.0,  # without the sign of a zero
            sizes=np.array([len(batch) for batch in batches]),
            train_correct=int(tf.reduce_sum(correct)),
            test_correct=tested.correct,
            test_loss=tested.loss,
        )
