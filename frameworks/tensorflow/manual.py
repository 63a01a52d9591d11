"""Setting the rate by hand in Keras, as the chapter shows before it comes to schedulers."""

from __future__ import annotations

import tensorflow as tf

from frameworks.keras_api import keras
from frameworks.keras_choice import require_keras_3_on_tensorflow


def set_rate(optimizer: keras.optimizers.Optimizer, rate: float) -> float:
    """Set the learning rate of the next updates and return what the optimizer says it is: a float32.

    The chapter reads `optimizer.lr`, which Keras 3 has no more. Raises TypeError, as Keras does, if the optimizer has a
    schedule.
    """
    optimizer.learning_rate = rate
    return float(optimizer.learning_rate)


def demonstrated(rate: float) -> tuple[float, float]:
    """Set the rate between two updates of a weight from 0 with gradient 1; return what is said and what is applied."""
    require_keras_3_on_tensorflow("demonstrated")
    weight = tf.Variable(tf.zeros(1))
    optimizer = keras.optimizers.SGD(learning_rate=0.3)
    said = 0.3
    for update in range(2):
        if update:
            said = set_rate(optimizer, rate)
        weight.assign(tf.zeros(1))
        optimizer.apply([tf.ones(1)], [weight])
    return said, -float(weight[0])
