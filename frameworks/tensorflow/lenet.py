"""Builds the chapter's LeNet in Keras, with given weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from frameworks.keras_api import keras
from frameworks.keras_choice import require_keras_3_on_tensorflow
from frameworks.weights import SHAPES


class LeNet(keras.Model):
    """Two convolutions, each with ReLU and pooling, and three dense layers.

    Bias and ReLU follow the max-pooling, where they process a quarter of the numbers. The result is the same: adding a
    number and clipping keep the order, so the largest of four numbers stays the largest. The bias is added by
    `bias_add`, since the gradient of the sum in Keras' layer takes longer than that of the convolution.

    pooling: "MAX" or "AVERAGE" (default: "MAX").
    last_activation: the activation before the last layer (default: "relu").
    channels_first: flatten with the channels first, as the canonical weights need (default: True).
    """

    def __init__(
        self, dtype: str, *, pooling: str = "MAX", last_activation: str = "relu", channels_first: bool = True,
    ) -> None:
        require_keras_3_on_tensorflow("LeNet")
        super().__init__(dtype=dtype)
        self.pooling, self.channels_first = pooling, channels_first
        self.convolutions: list[Any] = [
            keras.layers.Conv2D(6, kernel_size=5, padding="same", activation="relu", dtype=dtype),
            keras.layers.Conv2D(16, kernel_size=5, activation="relu", dtype=dtype)]
        self.dense: list[Any] = [
            keras.layers.Dense(120, activation="relu", dtype=dtype),
            keras.layers.Dense(84, activation=last_activation, dtype=dtype),
            keras.layers.Dense(10, dtype=dtype)]
        shapes = [(None, 28, 28, 1), (None, 14, 14, 6), (None, 400), (None, 120), (None, 84)]
        for layer, shape in zip(self.convolutions + self.dense, shapes, strict=True):
            layer.build(shape)
        self.built = True

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """Return the logits, shape (n, 10), of images of shape (n, 28, 28, 1)."""
        features = images
        for layer in self.convolutions:
            features = tf.nn.conv2d(features, layer.kernel, strides=1, padding=layer.padding.upper())
            if self.pooling == "MAX":
                features = tf.nn.max_pool2d(features, ksize=2, strides=2, padding="VALID")
                features = layer.activation(tf.nn.bias_add(features, layer.bias))
            else:  # a mean of clipped numbers is not the clipped mean
                features = layer.activation(tf.nn.bias_add(features, layer.bias))
                features = tf.nn.avg_pool2d(features, ksize=2, strides=2, padding="VALID")
        if self.channels_first:  # in Keras they are last
            features = tf.transpose(features, (0, 3, 1, 2))
        features = tf.reshape(features, (-1, 400))
        for layer in self.dense:
            features = layer(features)
        return features


def build_lenet(weights: dict[str, np.ndarray], device: str) -> LeNet:
    """Return the network on a device, with given weights.

    weights: by the names of `frameworks.weights.SHAPES`, in their order and layouts; their type, float32 or float64, is
        that of the network. Keras' layouts are (height, width, in, out) and, of dense layers, (in, out).
    device: the device, "/CPU:0" or "/GPU:0".

    Source: the chapter's LeNet, with ReLU and max-pooling.
    """
    with tf.device(device):
        net = LeNet(weights["dense3.bias"].dtype.name)
        set_weights(net, weights)
    return net


def set_weights(net: keras.Model, weights: dict[str, np.ndarray]) -> None:
    """Replace the weights of a network.

    net: the network of `build_lenet`.
    weights: as `build_lenet` accepts them.
    """
    net.set_weights([weight.transpose(2, 3, 1, 0) if weight.ndim == 4 else weight.T for weight in weights.values()])


def read_weights(net: keras.Model) -> dict[str, np.ndarray]:
    """Return a copy of a network's weights, by the names of `frameworks.weights.SHAPES`, in the canonical layout.

    net: the network of `build_lenet`.
    """
    return convert_to_canonical(net.get_weights())


def convert_to_canonical(arrays: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Return weights or gradients of Keras' layouts by the names of `frameworks.weights.SHAPES`, in their layouts."""
    transposed = (array.transpose(3, 2, 0, 1) if array.ndim == 4 else array.T for array in arrays)
    return dict(zip(SHAPES, map(np.ascontiguousarray, transposed), strict=True))
