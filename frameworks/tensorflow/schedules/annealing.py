"""Computes annealing and power law in Keras."""

from __future__ import annotations

import math

import tensorflow as tf
from numpy import float64

from frameworks.schedule import Annealing, PowerLaw
from frameworks.tensorflow.schedules.rule import Rule, rule


@rule.register
def annealing(schedule: Annealing) -> Rule:
    """Based on PolynomialDecay and CosineDecay. Differs: in float64; has two exponents and any length.

    Comparisons decide where both ends are. XLA replaces a division by a constant with a multiplication by its inverse,
    and a power would enlarge this error; so the divisor here is not a constant.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L305
    """
    base, final = float64(schedule.base_lr), float64(schedule.final_lr)
    bend, power = float64(schedule.elapsed_power), float64(schedule.power)

    def compute(t: tf.Tensor) -> tf.Tensor:
        updates = tf.maximum(tf.cast(-t, tf.float64), float64(schedule.updates))
        passed = tf.cast(t, tf.float64) + float64(schedule.elapsed)
        under_way = (passed / updates > 0) & (passed < updates)
        y = tf.where(under_way, passed, updates / 2) / updates
        left = tf.where(under_way, updates - passed, updates / 2) / updates
        if bend != 1:
            left = -tf.math.expm1(bend * _log(y, left))
            y = tf.where(left > 0.5, y ** bend, 1 - left)
        if schedule.shape == "exponential":
            rate = tf.where(y < left, base * tf.pow(final / base, y), final * tf.pow(base / final, left))
        else:
            if schedule.shape == "cosine":
                y, left = tf.sin(math.pi / 2 * y) ** 2, tf.sin(math.pi / 2 * left) ** 2
            if power != 1:
                logs = power * _log(left, y)
                y, left = -tf.math.expm1(logs), tf.exp(logs)
            rate = base + (final - base) * y if base < final else final + (base - final) * left
        return tf.where(under_way, rate, tf.where(passed < updates, base, final))

    return compute


@rule.register
def power_law(schedule: PowerLaw) -> Rule:
    """Keras has none (InverseTimeDecay has the power 1)."""
    timescale, power = float64(schedule.timescale), float64(schedule.power)
    return lambda t: float64(schedule.base_lr) * tf.exp(-power * tf.math.log1p(tf.cast(t, tf.float64) / timescale))


def _log(part: tf.Tensor, rest: tf.Tensor) -> tf.Tensor:
    """Return the logarithm of a part of 1, from the rest if that is small.

    XLA's log1p is inexact between -0.41 and -0.29.
    """
    return tf.where(rest < 0.25, tf.math.log1p(-rest), tf.math.log(part))
