"""Computes sum, product, minimum and maximum in Keras."""

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
    """Keras has none: two schedules cannot be added, but their tensors can.

    A graph moves constants: it changes `(a - x) + (b - y)`, two increasing curves, to `(a + b) - (x + y)`, where small
    rates cancel. It does not move a constant through a maximum with 0, which changes no rate.
    """
    return _combine(schedule, lambda rate, more: tf.maximum(rate, float64(0)) + tf.maximum(more, float64(0)))


@rule.register
def product(schedule: Product) -> Rule:
    """Keras has none; only CosineDecay multiplies, by its warm-up."""
    return _combine(schedule, operator.mul)


@rule.register
def minimum(schedule: Minimum) -> Rule:
    """Keras has none; an optimizer accepts one schedule, so a limit that changes is part of it."""
    return _combine(schedule, tf.minimum)


@rule.register
def maximum(schedule: Maximum) -> Rule:
    """Keras has none; alpha and end_learning_rate are the ends of curves, where this cuts a curve off."""
    return _combine(schedule, tf.maximum)


def _combine(schedule: Sum | Product | Minimum | Maximum, combine: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]) -> Rule:
    members = [rule(member) for member in schedule.of]
    return lambda t: reduce(combine, [member(t) for member in members])
