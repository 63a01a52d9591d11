"""Builds the network of the book's TensorFlow tab, as its code does (the book variant)."""

from __future__ import annotations

import tensorflow as tf

from frameworks.keras_api import keras
from frameworks.tensorflow.lenet import LeNet


def build_printed_lenet(seed: int, device: str) -> LeNet:
    """Return the network of the book variant: average pooling, a sigmoid before the last layer, Keras' default weights.

    Weights are uniform within sqrt(6 / (fan_in + fan_out)), biases are 0. The channels are last when it is flattened,
    so the columns of the first dense layer are not in the canonical order.

    seed: the seed of the weights, from 0.
    device: the device, "/CPU:0" or "/GPU:0".

    Source: the book's TensorFlow tab.
    """
    keras.utils.set_random_seed(seed)
    with tf.device(device):
        return LeNet("float32", pooling="AVERAGE", last_activation="sigmoid", channels_first=False)
