"""Computes inverse square root, inverse time, exponential, polynomial and cosine in Keras."""

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
    """Based on ExponentialDecay(initial_learning_rate, decay_steps, decay_rate). Differs: in float64; may increase.

    XLA replaces a division by a constant with a multiplication by its inverse, so the divisor of an increasing rate is
    not a constant here. Without XLA, its power may be off by 2^-53 for each factor e by which the rate has increased.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L80
    """
    base, factor = float64(schedule.base_lr), float64(schedule.factor)
    if factor <= 1:
        return ExponentialDecay(base, float64(schedule.updates), factor)
    highest = float64(schedule.cap)
    limit = 2 + math.log(highest / base) / math.log(factor) if base else 0.0  # so the power is finite

    def compute(t: tf.Tensor) -> tf.Tensor:
        share = tf.cast(t, tf.float64) / tf.cast(tf.maximum(-t, schedule.updates), tf.float64)
        return tf.minimum(highest, base * tf.pow(factor, tf.minimum(share, float64(limit))))

    return compute


@rule.register
def polynomial(schedule: Polynomial) -> Rule:
    """Based on PolynomialDecay(initial_learning_rate, decay_steps, end_learning_rate, power). Differs: in float64.

    XLA replaces a division by a constant with a multiplication by its inverse. Then 1 - t / decay_steps is not exactly
    0 at its end, and a power below 1 enlarges this error, or returns NaN. So a comparison decides where the end is, and
    for powers other than 1 to 2 the divisor is not a constant.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L305
    """
    height, end = float64(schedule.base_lr - schedule.final_lr), float64(schedule.final_lr)
    decay = PolynomialDecay(float64(schedule.base_lr), float64(schedule.updates), end, float64(schedule.power))

    def compute(t: tf.Tensor) -> tf.Tensor:
        if 1 <= schedule.power <= 2:
            rate = decay(t)
        else:
            share = tf.cast(tf.minimum(t, schedule.updates), tf.float64)
            rate = end + height * (1 - share / tf.cast(tf.maximum(t, schedule.updates), tf.float64)) ** schedule.power
        return tf.where(t < schedule.updates, rate, end)

    return compute


@rule.register
def cosine(schedule: Cosine) -> Rule:
    """Based on CosineDecay(initial_learning_rate, decay_steps, alpha). Differs: in float64; may end above its start.

    Keras' alpha is the final rate, divided by the first.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L573
    """
    if schedule.final_lr <= schedule.base_lr and schedule.base_lr > 0:
        return CosineDecay(
            float64(schedule.base_lr), float64(schedule.updates), alpha=float64(schedule.final_lr / schedule.base_lr))
    height = schedule.base_lr - schedule.final_lr

    def compute(t: tf.Tensor) -> tf.Tensor:
        angle = math.pi * tf.cast(tf.minimum(t, schedule.updates), tf.float64) / float64(schedule.updates)
        return schedule.final_lr + height * (1 + tf.cos(angle)) / 2

    return compute
