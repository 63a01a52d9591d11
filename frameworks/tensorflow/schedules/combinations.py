"""Sum, product, minimum and maximum, for Keras."""

from __future__ import annotations

import tensorflow as tf
from numpy import float64

from frameworks.schedule import Maximum, Minimum, Product, Sum
from frameworks.tensorflow.schedules.rule import Rule, rule


@rule.register
def sum(schedule: Sum) -> Rule:
    """Keras has none: two schedules are objects that cannot be added, and their tensors can.

    A graph moves constants: of two rising curves, (a - x) + (b - y), it makes (a + b) - (x + y), where small rates
    cancel. It moves none through a maximum with 0, which no rate is below.
    """
    first, *rest = (rule(one) for one in schedule.of)

    def ask(t: tf.Tensor) -> tf.Tensor:
        rate = first(t)
        for one in rest:
            rate = tf.maximum(rate, float64(0)) + tf.maximum(one(t), float64(0))
        return rate

    return ask


@rule.register
def product(schedule: Product) -> Rule:
    """Keras multiplies by a warm-up inside CosineDecay only."""
    first, *rest = (rule(one) for one in schedule.of)

    def ask(t: tf.Tensor) -> tf.Tensor:
        rate = first(t)
        for one in rest:
            rate *= one(t)
        return rate

    return ask


@rule.register
def minimum(schedule: Minimum) -> Rule:
    """Keras has none; an optimizer takes one schedule, so a cap that changes is part of it."""
    first, *rest = (rule(one) for one in schedule.of)

    def ask(t: tf.Tensor) -> tf.Tensor:
        rate = first(t)
        for one in rest:
            rate = tf.minimum(rate, one(t))
        return rate

    return ask


@rule.register
def maximum(schedule: Maximum) -> Rule:
    """Keras' floors, alpha and end_learning_rate, are where a curve ends; here it is cut off."""
    first, *rest = (rule(one) for one in schedule.of)

    def ask(t: tf.Tensor) -> tf.Tensor:
        rate = first(t)
        for one in rest:
            rate = tf.maximum(rate, one(t))
        return rate

    return ask
