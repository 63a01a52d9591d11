"""Times only the network's arithmetic: forward and backward passes of one batch, as many as an epoch has.

Each function returns the function to be timed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from frameworks.chapter import BATCH
from frameworks.epoch import TEST_BATCH

#: Whole batches in 60,000 images, and test batches in 10,000.
PASSES, TESTS = 234, 10_000 // TEST_BATCH


def torch(net: Any, images: np.ndarray, labels: np.ndarray) -> Callable[[], None]:
    """Return the passes in PyTorch."""
    import torch

    inputs, targets = torch.from_numpy(images[:BATCH, None]), torch.from_numpy(labels[:BATCH])
    tests = torch.from_numpy(images[:TEST_BATCH, None])

    def passes() -> None:
        for _ in range(PASSES):
            net.zero_grad()
            torch.nn.functional.cross_entropy(net(inputs), targets).backward()
        with torch.inference_mode():
            for _ in range(TESTS):
                net(tests)

    return passes


def mxnet(net: Any, images: np.ndarray, labels: np.ndarray) -> Callable[[], None]:
    """Return the passes in Gluon, which computes in the background: they wait at the end."""
    import mxnet as mx

    inputs, targets = mx.nd.array(images[:BATCH, None]), mx.nd.array(labels[:BATCH])
    loss_of = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    tests = mx.nd.array(images[:TEST_BATCH, None])

    def passes() -> None:
        for _ in range(PASSES):
            with mx.autograd.record():
                loss = loss_of(net(inputs), targets)
            loss.backward()
        for _ in range(TESTS):
            net(tests)
        mx.nd.waitall()

    return passes


def tensorflow(net: Any, images: np.ndarray, labels: np.ndarray) -> Callable[[], None]:
    """Return the passes in TensorFlow, as graphs."""
    import keras
    import tensorflow as tf

    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    inputs, targets = tf.constant(images[:BATCH, ..., None]), tf.constant(labels[:BATCH])

    @tf.function
    def gradients() -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            loss = loss_of(targets, net(inputs, training=True))
        return tape.gradient(loss, net.trainable_variables)

    tests = tf.constant(images[:TEST_BATCH, ..., None])

    def passes() -> None:
        for _ in range(PASSES):
            last = gradients()
        for _ in range(TESTS):
            net(tests, training=False)
        last[0].numpy()

    return passes
