"""Measures the rate of an update of Keras from the weights; for a recording."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from frameworks.keras_api import keras
from frameworks.record_rows import RecordError


def check_measurable(optimizer: Any) -> None:
    """Raise RecordError unless the weights show the rate of an optimizer."""
    if type(optimizer) is not keras.optimizers.SGD:
        raise RecordError(f"measure needs keras.optimizers.SGD, whose update is rate times gradient, got "
                          f"{type(optimizer).__name__}")
    for option in ("momentum", "weight_decay"):
        if getattr(optimizer, option):
            raise RecordError(f"measure needs an SGD without {option}, got {getattr(optimizer, option)!r}")


def measure_rate(before: tf.Tensor, gradient: tf.Tensor, after: tf.Tensor, rate: tf.Tensor) -> tf.Tensor:
    """Return the rate if it gives the new weights bit for bit, else what the largest gradient shows; nan for 0."""
    before, gradient, after = (tf.reshape(each, (-1,)) for each in (before, gradient, after))
    largest = tf.argmax(tf.abs(gradient))
    shown = (before[largest] - after[largest]) / gradient[largest]
    exact = tf.reduce_all(before - gradient * tf.cast(rate, gradient.dtype) == after) & (gradient[largest] != 0)
    return tf.where(exact, rate, tf.cast(tf.where(gradient[largest] != 0, shown, np.nan), tf.float32))
