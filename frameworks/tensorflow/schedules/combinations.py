"""Sum, product, minimum and maximum, for Keras."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import reduce

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
    return _all(schedule, lambda rate, more: tf.maximum(rate, float64(0)) + tf.maximum(more, float64(0)))


@rule.register
def product(schedule: Product) -> Rule:
    """Keras multiplies by a warm-up inside CosineDecay only."""
    return _all(schedule, operator.mul)


@rule.register
def minimum(schedule: Minimum) -> Rule:
    """Keras has none; an optimizer takes one schedule, so a cap that changes is part of it."""
    return _all(schedule, tf.minimum)


@rule.register
def maximum(schedule: Maximum) -> Rule:
    """Keras' floors, alpha and end_learning_rate, are where a curve ends; here it is cut off."""
    return _all(schedule, tf.maximum)


def _all(schedule: Sum | Product | Minimum | Maximum, combine: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]) -> Rule:
    members = [rule(one) for one in schedule.of]
    return lambda t: reduce(combine, [one(t) for one in members])
