"""Computes constant, factor and multi-factor in Keras."""

from __future__ import annotations

import tensorflow as tf
from numpy import float64, int64

from frameworks.keras_api import ExponentialDecay, PiecewiseConstantDecay
from frameworks.schedule import Constant, Factor, MultiFactor
from frameworks.tensorflow.schedules.rule import Rule, rule


@rule.register
def constant(schedule: Constant) -> Rule:
    """Keras has none: an optimizer accepts the number itself."""
    return lambda t: tf.fill(tf.shape(t), float64(schedule.base_lr))


@rule.register
def factor(schedule: Factor) -> Rule:
    """Based on ExponentialDecay(initial_learning_rate, decay_steps, decay_rate, True). Differs: has a lower limit.

    The steps are computed here, in whole numbers: XLA multiplies by 1 / decay_steps, and floor(49 * (1 / 49)) is 0.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L80
    """
    decay = ExponentialDecay(float64(schedule.base_lr), float64(1), float64(schedule.factor))
    return lambda t: tf.maximum(decay(t // schedule.every), float64(schedule.min_lr))


@rule.register
def multi_factor(schedule: MultiFactor) -> Rule:
    """Based on PiecewiseConstantDecay(boundaries, values). Differs: a milestone m is the boundary m - 1.

    The class adds several operations to the graph for each milestone; a table replaces it for more than 32 of them.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L188
    """
    values = [float64(schedule.base_lr * schedule.factor**drops) for drops in range(len(schedule.milestones) + 1)]
    if len(schedule.milestones) <= 32:
        return PiecewiseConstantDecay([int64(milestone - 1) for milestone in schedule.milestones], values)

    def compute(t: tf.Tensor) -> tf.Tensor:
        passed = tf.reduce_sum(tf.cast(tf.expand_dims(t, -1) >= schedule.milestones, tf.int64), -1)
        table = tf.constant(values, tf.float64)  # a bare list of float64 numbers would become float32 inside a graph
        return tf.gather(table, passed)

    return compute
