"""Inverse square root, inverse time, exponential, polynomial and cosine, for Keras."""

from __future__ import annotations

import math

import tensorflow as tf
from numpy import float64

from frameworks.keras_api import CosineDecay, ExponentialDecay, InverseTimeDecay, PolynomialDecay
from frameworks.schedule import Cosine, Exponential, InverseSquareRoot, InverseTime, Polynomial
from frameworks.tensorflow.schedules.rule import Rule, rule


@rule.register
def inverse_square_root(schedule: InverseSquareRoot) -> Rule:
    """Keras has none (InverseTimeDecay has no square root)."""
    return lambda t: float64(schedule.base_lr) / tf.sqrt(1 + tf.cast(t, tf.float64) / float64(schedule.timescale))


@rule.register
def inverse_time(schedule: InverseTime) -> Rule:
    """Based on InverseTimeDecay(initial_learning_rate, decay_steps, decay_rate). Differs: in float64.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L461
    """
    return InverseTimeDecay(float64(schedule.base_lr), float64(schedule.timescale), float64(1))


@rule.register
def exponential(schedule: Exponential) -> Rule:
    """Based on ExponentialDecay(initial_learning_rate, decay_steps, decay_rate). Differs: in float64; may rise.

    As XLA divides by a constant by multiplying with its inverse, what rises is divided by what it cannot know before.
    Not compiled, the power of one that rises may be off by 2^-53 for each factor e by which it has risen.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L80
    """
    base, factor = float64(schedule.base_lr), float64(schedule.factor)
    if factor <= 1:
        return ExponentialDecay(base, float64(schedule.updates), factor)
    highest = float64(schedule.cap)
    most = 2 + math.log(highest / base) / math.log(factor) if base else 0.0  # where the power is still finite

    def ask(t: tf.Tensor) -> tf.Tensor:
        share = tf.cast(t, tf.float64) / tf.cast(tf.maximum(-t, schedule.updates), tf.float64)
        return tf.minimum(highest, base * tf.pow(factor, tf.minimum(share, float64(most))))

    return ask


@rule.register
def polynomial(schedule: Polynomial) -> Rule:
    """Based on PolynomialDecay(initial_learning_rate, decay_steps, end_learning_rate, power). Differs: in float64.

    XLA divides by a constant by multiplying with its inverse, so that 1 - t / decay_steps is not quite 0 at its end,
    and a power below 1 makes much of that, or NaN. So the end is decided by comparing, and for powers other than 1 to 2
    the divisor is one that XLA cannot know before.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L305
    """
    rise, end = float64(schedule.base_lr - schedule.final_lr), float64(schedule.final_lr)
    native = PolynomialDecay(float64(schedule.base_lr), float64(schedule.updates), end, float64(schedule.power))

    def ask(t: tf.Tensor) -> tf.Tensor:
        if 1 <= schedule.power <= 2:
            rate = native(t)
        else:
            share = tf.cast(tf.minimum(t, schedule.updates), tf.float64)
            rate = end + rise * (1 - share / tf.cast(tf.maximum(t, schedule.updates), tf.float64)) ** schedule.power
        return tf.where(t < schedule.updates, rate, end)

    return ask


@rule.register
def cosine(schedule: Cosine) -> Rule:
    """Based on CosineDecay(initial_learning_rate, decay_steps, alpha). Differs: in float64; may end above its start.

    Keras' alpha is the final rate as a share of the first.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L573
    """
    if schedule.final_lr <= schedule.base_lr and schedule.base_lr > 0:
        return CosineDecay(
            float64(schedule.base_lr), float64(schedule.updates), alpha=float64(schedule.final_lr / schedule.base_lr))
    rise = schedule.base_lr - schedule.final_lr

    def ask(t: tf.Tensor) -> tf.Tensor:
        angle = math.pi * tf.cast(tf.minimum(t, schedule.updates), tf.float64) / float64(schedule.updates)
        return schedule.final_lr + rise * (1 + tf.cos(angle)) / 2

    return ask
