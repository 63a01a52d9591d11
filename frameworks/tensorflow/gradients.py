"""One forward and backward pass in TensorFlow, without an update."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from frameworks.keras_api import keras
from frameworks.keras_choice import require_keras_3_on_tensorflow
from frameworks.tensorflow.lenet import canonical


def gradients(
    net: keras.Model, images: np.ndarray, labels: np.ndarray, place: str,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the logits, shape (n, 10), and the gradient of the mean loss for each weight, in the canonical layout.

    images: shape (n, 28, 28), in the type of the weights. labels: int64, shape (n,).
    """
    require_keras_3_on_tensorflow("gradients")
    with tf.device(place), tf.GradientTape() as tape:
        outputs: Any = net(images[..., None], training=True)
        loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype=images.dtype.name)
        loss: Any = loss_of(labels, outputs)
    found: Any = tape.gradient(loss, net.trainable_variables)
    return outputs.numpy(), canonical([one.numpy() for one in found])
