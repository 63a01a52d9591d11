"""The chapter's LeNet in Keras, starting from given weights."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from keras import layers


def lenet(weights: dict[str, np.ndarray], device: str) -> keras.Sequential:
    """Return the network on a device, with the canonical weights.

    weights: by the names of `reproduce.start.SHAPES`, in order. Keras keeps a convolution's kernel as (height, width,
    in, out) and a dense one as (in, out), and its channels last: before it flattens they are put first.
    """
    with tf.device(device):
        net = keras.Sequential([
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, kernel_size=5, padding="same", activation="relu"),
            layers.MaxPool2D(pool_size=2, strides=2),
            layers.Conv2D(16, kernel_size=5, activation="relu"),
            layers.MaxPool2D(pool_size=2, strides=2),
            layers.Permute((3, 1, 2)),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10),
        ])
        net.set_weights([_in_keras_layout(weight) for weight in weights.values()])
    return net


def _in_keras_layout(weight: np.ndarray) -> np.ndarray:
    if weight.ndim == 4:
        return weight.transpose(2, 3, 1, 0)
    return weight.T  # of a bias: the bias
