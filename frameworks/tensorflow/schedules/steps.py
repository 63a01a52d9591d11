"""Constant, factor and multi-factor, for Keras."""

from __future__ import annotations

import tensorflow as tf
from keras.optimizers.schedules import ExponentialDecay, PiecewiseConstantDecay
from numpy import float64, int64

from frameworks.schedule import Constant, Factor, MultiFactor
from frameworks.tensorflow.schedules.rule import Rule, rule


@rule.register
def constant(schedule: Constant) -> Rule:
    """Keras has no schedule for this: an optimizer takes the number itself."""
    return lambda t: tf.fill(tf.shape(t), float64(schedule.base_lr))


@rule.register
def factor(schedule: Factor) -> Rule:
    """Based on ExponentialDecay(initial_learning_rate, decay_steps, decay_rate, True). Differs: has a floor."""
    native = ExponentialDecay(
        float64(schedule.base_lr), float64(schedule.every), float64(schedule.factor), staircase=True)
    return lambda t: tf.maximum(native(t), float64(schedule.min_lr))


@rule.register
def multi_factor(schedule: MultiFactor) -> Rule:
    """Based on PiecewiseConstantDecay(boundaries, values). Differs: a milestone m is the boundary m - 1."""
    return PiecewiseConstantDecay(
        [int64(milestone - 1) for milestone in schedule.milestones],
        [float64(schedule.base_lr * schedule.factor**drops) for drops in range(len(schedule.milestones) + 1)])
