"""Sets the rate by hand in Keras, as the chapter does before it introduces schedulers."""

from __future__ import annotations

import tensorflow as tf

from frameworks.keras_api import keras
from frameworks.keras_choice import require_keras_3_on_tensorflow


def set_rate(optimizer: keras.optimizers.Optimizer, rate: float) -> float:
    """Set the learning rate of the next updates; return the rate that the optimizer then reports, a float32.

    optimizer: the optimizer, without a schedule.
    rate: the rate, 0 or more.

    Raises TypeError, as Keras does, if the optimizer has a schedule. Source: the chapter's `optimizer.lr`, which is not
    in Keras 3.
    """
    optimizer.learning_rate = rate
    return float(optimizer.learning_rate)


def demonstrate_set_rate(rate: float) -> tuple[float, float]:
    """Make two updates and set the rate between them; return the reported and the applied rate of the second.

    Both update a weight of 0, whose gradient is 1; the rate of the first is 0.3.

    rate: the rate to set, 0 or more.
    """
    require_keras_3_on_tensorflow("demonstrate_set_rate")
    weight = tf.Variable(tf.zeros(1))
    optimizer = keras.optimizers.SGD(learning_rate=0.3)
    reported = 0.3
    for update in range(2):
        if update:
            reported = set_rate(optimizer, rate)
        weight.assign(tf.zeros(1))
        optimizer.apply([tf.ones(1)], [weight])
    return reported, -float(weight[0])
