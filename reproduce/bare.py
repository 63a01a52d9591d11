"""The network's own arithmetic and nothing else: as many forward and backward passes as an epoch has, of one batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from frameworks.epoch import TEST_BATCH
from reproduce.start import BATCH

#: Whole batches in 60,000 images; the last 96 are .4 of one. Test batches in 10,000.
PASSES, TESTS = 234.4, 10_000 // TEST_BATCH


def torch(net: Any, images: np.ndarray, labels: np.ndarray) -> None:
    """In PyTorch."""
    import torch

    inputs, targets = torch.from_numpy(images[:BATCH, None]), torch.from_numpy(labels[:BATCH])
    for _ in range(round(PASSES)):
        net.zero_grad()
        torch.nn.functional.cross_entropy(net(inputs), targets).backward()
    tests = torch.from_numpy(images[:TEST_BATCH, None])
    with torch.inference_mode():
        for _ in range(TESTS):
            net(tests)


def mxnet(net: Any, images: np.ndarray, labels: np.ndarray) -> None:
    """In Gluon, which computes in the background: waits at the end."""
    import mxnet as mx

    inputs, targets = mx.nd.array(images[:BATCH, None]), mx.nd.array(labels[:BATCH])
    loss_of = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    for _ in range(round(PASSES)):
        with mx.autograd.record():
            loss = loss_of(net(inputs), targets)
        loss.backward()
    tests = mx.nd.array(images[:TEST_BATCH, None])
    for _ in range(TESTS):
        net(tests)
    mx.nd.waitall()


def tensorflow(net: Any, images: np.ndarray, labels: np.ndarray) -> None:
    """In TensorFlow, as graphs."""
    import keras
    import tensorflow as tf

    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    inputs, targets = tf.constant(images[:BATCH, ..., None]), tf.constant(labels[:BATCH])

    @tf.function
    def gradients() -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            loss = loss_of(targets, net(inputs, training=True))
        return tape.gradient(loss, net.trainable_variables)

    for _ in range(round(PASSES)):
        found = gradients()
    tests = tf.constant(images[:TEST_BATCH, ..., None])
    for _ in range(TESTS):
        net(tests, training=False)
    found[0].numpy()
