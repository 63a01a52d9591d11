"""The chapter's LeNet in Keras, starting from given weights."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from frameworks.canonical import SHAPES


class LeNet(keras.Sequential):
    """The layers, one after another; with `pooling` and `last_activation` as the book's TensorFlow tab has them too.

    Keras has its channels last: before they are flattened they are put first, unless `channels_first` is False.
    """

    def __init__(
        self, dtype: str, *, pooling: type[layers.Layer] = layers.MaxPool2D, last_activation: str = "relu",
        channels_first: bool = True,
    ) -> None:
        super().__init__([
            keras.Input((28, 28, 1), dtype=dtype),
            layers.Conv2D(6, kernel_size=5, padding="same", activation="relu", dtype=dtype),
            pooling(pool_size=2, strides=2, dtype=dtype),
            layers.Conv2D(16, kernel_size=5, activation="relu", dtype=dtype),
            pooling(pool_size=2, strides=2, dtype=dtype),
            *([layers.Permute((3, 1, 2), dtype=dtype)] if channels_first else []),
            layers.Flatten(dtype=dtype),
            layers.Dense(120, activation="relu", dtype=dtype),
            layers.Dense(84, activation=last_activation, dtype=dtype),
            layers.Dense(10, dtype=dtype),
        ])


def lenet(weights: dict[str, np.ndarray], device: str) -> LeNet:
    """Return the network on a device, with the canonical weights and in their type, float32 or float64.

    weights: by the names of `frameworks.canonical.SHAPES`, in order. Keras keeps a convolution's kernel as (height,
    width, in, out) and a dense one as (in, out).
    """
    with tf.device(device):
        net = LeNet(weights["dense3.bias"].dtype.name)
        net.set_weights([weight.transpose(2, 3, 1, 0) if weight.ndim == 4 else weight.T for weight in weights.values()])
    return net


def weights_of(net: keras.Model) -> dict[str, np.ndarray]:
    """Return a copy of a network's weights in the canonical layout."""
    return canonical(net.get_weights())


def canonical(arrays: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Return weights, or their gradients, by name in the canonical layout."""
    found = (array.transpose(3, 2, 0, 1) if array.ndim == 4 else array.T for array in arrays)
    return dict(zip(SHAPES, map(np.ascontiguousarray, found), strict=True))
