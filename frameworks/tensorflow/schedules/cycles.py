"""Computes polynomial cycle in Keras."""

from __future__ import annotations

import tensorflow as tf
from numpy import float64

from frameworks.schedule import PolynomialCycle
from frameworks.tensorflow.schedules.rule import Rule, rule


@rule.register
def polynomial_cycle(schedule: PolynomialCycle) -> Rule:
    """Based on PolynomialDecay(cycle=True). Differs: computes its cycle, and the rest of it, in whole numbers.

    The class rounds up a quotient in floating point. In a graph it becomes a product with an inverse, whose result is 1
    too large at some ends: with 7 updates at 21, 42 and 49.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L305
    """
    base, final = float64(schedule.base_lr), float64(schedule.final_lr)

    def compute(t: tf.Tensor) -> tf.Tensor:
        end = schedule.updates * tf.maximum((t - 1) // schedule.updates + 1, 1)
        left = tf.cast(end - t, tf.float64) / tf.cast(end, tf.float64)
        return final + (base - final) * left ** float64(schedule.power)

    return compute
