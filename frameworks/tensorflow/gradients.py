"""Makes one forward and backward pass in TensorFlow, without an update."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from frameworks.keras_api import keras
from frameworks.keras_choice import require_keras_3_on_tensorflow
from frameworks.tensorflow.lenet import convert_to_canonical


def compute_gradients(
    net: keras.Model, images: np.ndarray, labels: np.ndarray, device: str,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the logits, shape (n, 10), and the gradient of the mean loss for each weight, in the canonical layout.

    net: the network of `build_lenet`; its weights stay as they are.
    images: shape (n, 28, 28), in the type of the weights.
    labels: the digits, 0 to 9: int64, shape (n,).
    device: the device of the network.

    Source: softmax cross-entropy (nats) as the chapter computes it, averaged over the images.
    """
    require_keras_3_on_tensorflow("compute_gradients")
    with tf.device(device), tf.GradientTape() as tape:
        outputs: Any = net(images[..., None], training=True)
        loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype=images.dtype.name)
        loss: Any = loss_of(labels, outputs)
    tensors: Any = tape.gradient(loss, net.trainable_variables)
    return outputs.numpy(), convert_to_canonical([tensor.numpy() for tensor in tensors])
