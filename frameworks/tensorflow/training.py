"""Trains and evaluates a network in TensorFlow: plain SGD, with the schedule's rate at every update."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from frameworks.epoch import NOTHING, TEST_BATCH, UNTESTED, DeviceMissingError, Epoch, Evaluation, Progress
from frameworks.keras_api import keras
from frameworks.keras_choice import require_keras_3_on_tensorflow
from frameworks.schedule import Schedule
from frameworks.tensorflow.schedules import build


def train(
    net: keras.Model,
    schedule: Schedule,
    training: tuple[np.ndarray, np.ndarray],
    testing: tuple[np.ndarray, np.ndarray],
    epochs: Iterable[list[np.ndarray]],
    device: str,
    *,
    progress: Progress = lambda *update: None,
    pause: Callable[[], object] = lambda: None,
) -> Iterator[Epoch]:
    """Train a network and yield an Epoch after each epoch.

    net: the network of `build_lenet`, on the device; its weights are trained.
    schedule: the rate of each update, counted over all epochs.
    training: images, shape (n, 28, 28), in the type of the weights, and labels, int64, shape (n,).
    testing: the same of the images that are evaluated after each epoch.
    epochs: for each epoch, the indices of the images of each batch.
    device: the device, "/CPU:0" or "/GPU:0".
    progress: called after each update, see `Progress` (default: does nothing); its exceptions end the training.
    pause: called after each test batch (default: does nothing); its exceptions end the training.

    Source: the training loop of the chapter.
    """
    require_keras_3_on_tensorflow("train")
    images, labels = build_tensors(training, device)
    test_images, test_labels = build_tensors(testing, device)
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype=images.dtype.name)
    optimizer = keras.optimizers.SGD(learning_rate=build(schedule))
    optimizer.build(net.trainable_variables)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64)])
    def update(batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        inputs, targets = tf.gather(images, batch), tf.gather(labels, batch)
        with tf.GradientTape() as tape:
            outputs: Any = net(inputs, training=True)
            loss: Any = loss_of(targets, outputs)
        gradients = tape.gradient(loss, net.trainable_variables)
        rate: Any = optimizer.learning_rate
        optimizer.apply(gradients, net.trainable_variables)
        return rate, loss, tf.reduce_sum(tf.cast(tf.argmax(outputs, axis=1) == targets, tf.int64))

    for batches in epochs:
        sizes, rates, losses, correct = [len(batch) for batch in batches], [], [], []
        with tf.device(device):
            order = tf.split(np.concatenate(batches), sizes) if batches else ()
        for batch in order:
            with tf.device(device):
                rate, loss, count = update(batch)
            rates.append(rate)
            losses.append(loss)
            correct.append(count)
            progress(partial(float, loss), rate, partial(fetch_epoch, sizes, rates, losses, correct))
        yield fetch_epoch(sizes, rates, losses, correct, evaluate_tensors(net, test_images, test_labels, pause))


def fetch_epoch(
    sizes: list[int], rates: list[tf.Tensor], losses: list[tf.Tensor], correct: list[tf.Tensor],
    tested: Evaluation = UNTESTED,
) -> Epoch:
    """Fetch the results of the updates of an epoch so far. tested: the results on the test images after the epoch."""
    if not losses:
        return replace(NOTHING, test_correct=tested.correct, test_loss=tested.loss)
    return Epoch(
        losses=tf.stack(losses).numpy().astype(np.float64),
        rates=tf.stack(rates).numpy().astype(np.float64),
        sizes=np.array(sizes[:len(losses)]),
        train_correct=int(tf.reduce_sum(correct)),
        test_correct=tested.correct,
        test_loss=tested.loss,
    )


def build_tensors(data: tuple[np.ndarray, np.ndarray], device: str) -> tuple[tf.Tensor, tf.Tensor]:
    """Return images of shape (n, 28, 28, 1) and labels of shape (n,) on a device."""
    with tf.device(device):
        return tf.constant(data[0][..., None]), tf.constant(data[1])


def evaluate(
    net: keras.Model, data: tuple[np.ndarray, np.ndarray], device: str, pause: Callable[[], object] = lambda: None,
) -> Evaluation:
    """Return a network's mean loss and number of correct answers on some images; its weights stay as they are.

    net: the network of `build_lenet`, on the device.
    data: images, shape (n, 28, 28), in the type of the weights, and labels, int64, shape (n,).
    device: the device, "/CPU:0" or "/GPU:0".
    pause: called after each batch of `TEST_BATCH` images (default: does nothing).
    """
    return evaluate_tensors(net, *build_tensors(data, device), pause)


def evaluate_tensors(
    net: keras.Model, images: tf.Tensor, labels: tf.Tensor, pause: Callable[[], object] = lambda: None,
) -> Evaluation:
    """Return a network's results on images and labels on its device. pause: called after each batch."""
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum", dtype=images.dtype.name)
    losses, correct = [], []
    for start in range(0, len(images), TEST_BATCH):
        inputs, targets = images[start:start + TEST_BATCH], labels[start:start + TEST_BATCH]
        with tf.device(images.device):
            outputs = net(inputs, training=False)
            losses.append(loss_of(targets, outputs))
            correct.append(tf.reduce_sum(tf.cast(tf.argmax(outputs, axis=1) == targets, tf.int64)))
        pause()
    return Evaluation(float(tf.reduce_sum(tf.cast(losses, tf.float64))) / len(labels), int(tf.reduce_sum(correct)))


def choose_device(name: str) -> str:
    """Return a device of this machine.

    name: "auto" (a GPU if there is one), "cpu" or "gpu".

    Raises DeviceMissingError if `name` is "gpu" and the framework finds no GPU.
    """
    gpus = tf.config.list_physical_devices("GPU")
    if name == "gpu" and not gpus:
        raise DeviceMissingError("device gpu: tensorflow sees no GPU here")
    return "/GPU:0" if gpus and name != "cpu" else "/CPU:0"
