"""The network of the book's TensorFlow tab, as its printed code makes it."""

from __future__ import annotations

import tensorflow as tf

from frameworks.keras_api import keras
from frameworks.tensorflow.lenet import LeNet


def printed(seed: int, device: str) -> LeNet:
    """Return the tab's network: average pooling, a sigmoid before the last layer, Keras' default weights.

    Those are uniform within sqrt(6 / (fan_in + fan_out)), biases 0. It flattens with the channels last, so the columns
    of its first dense layer have another order than the canonical one.
    """
    keras.utils.set_random_seed(seed)
    with tf.device(device):
        return LeNet("float32", pooling="AVERAGE", last_activation="sigmoid", channels_first=False)
