"""The training loop in TensorFlow: plain SGD, the schedule's rate at every update."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import keras
import numpy as np
import tensorflow as tf

from frameworks.epoch import TEST_BATCH, DeviceMissing, Epoch
from frameworks.schedule import Schedule
from frameworks.tensorflow.lenet import lenet
from frameworks.tensorflow.schedules import build


def train(
    schedule: Schedule,
    weights: dict[str, np.ndarray],
    training: tuple[np.ndarray, np.ndarray],
    testing: tuple[np.ndarray, np.ndarray],
    epochs: Iterable[list[np.ndarray]],
    *,
    device: str = "auto",
    progress: Callable[[], object] = lambda: None,
) -> Iterator[Epoch]:
    """Train LeNet and give an Epoch after each epoch.

    training, testing: images float32 of shape (n, 28, 28), labels int64 of shape (n,). epochs: for each epoch, the
    indices of each batch. progress: called after each update. Raises DeviceMissing.
    """
    place = chosen_device(device)
    with tf.device(place):
        images, labels = tf.constant(training[0][..., None]), tf.constant(training[1])
    net = lenet(weights, place)
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.SGD(learning_rate=build(schedule))
    optimizer.build(net.trainable_variables)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64)])
    def update(batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        inputs, targets = tf.gather(images, batch), tf.gather(labels, batch)
        with tf.GradientTape() as tape:
            outputs = net(inputs, training=True)
            loss = loss_of(targets, outputs)
        gradients = tape.gradient(loss, net.trainable_variables)
        rate = optimizer.learning_rate
        optimizer.apply(gradients, net.trainable_variables)
        return loss, rate, tf.reduce_sum(tf.cast(tf.argmax(outputs, axis=1) == targets, tf.int64))

    for batches in epochs:
        losses, rates, correct = [], [], []
        for indices in batches:
            with tf.device(place):
                loss, rate, count = update(tf.constant(indices))
            rates.append(rate)
            losses.append(loss)
            correct.append(count)
            progress()
        yield Epoch(
            losses=tf.stack(losses).numpy().astype(np.float64),
            rates=tf.stack(rates).numpy().astype(np.float64),
            sizes=np.array([len(indices) for indices in batches]),
            train_correct=int(tf.reduce_sum(correct)),
            test_correct=count_correct(net, *testing, place),
        )


def count_correct(net: keras.Model, images: np.ndarray, labels: np.ndarray, place: str) -> int:
    """Count the images that the network classifies correctly."""
    correct = []
    for start in range(0, len(images), TEST_BATCH):
        part = slice(start, start + TEST_BATCH)
        with tf.device(place):
            outputs = net(tf.constant(images[part, ..., None]), training=False)
        correct.append(tf.reduce_sum(tf.cast(tf.argmax(outputs, axis=1) == labels[part], tf.int64)))
    return int(tf.reduce_sum(correct))


def chosen_device(name: str) -> str:
    """Return the device for "auto" (a GPU if there is one), "cpu" or "gpu"."""
    gpus = tf.config.list_physical_devices("GPU")
    if name == "gpu" and not gpus:
        raise DeviceMissing("device gpu: tensorflow sees no GPU here")
    return "/GPU:0" if gpus and name != "cpu" else "/CPU:0"
