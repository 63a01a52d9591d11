"""Computes scale and clamp in Keras."""

from __future__ import annotations

import tensorflow as tf
from numpy import float64

from frameworks.schedule import Clamp, Scale
from frameworks.tensorflow.schedules.rule import Rule, rule


@rule.register
def scale(schedule: Scale) -> Rule:
    """Keras has none. A schedule is a function, and so is its multiple."""
    of = rule(schedule.of)
    return lambda t: float64(schedule.by) * of(t)


@rule.register
def clamp(schedule: Clamp) -> Rule:
    """Keras has only lower limits, CosineDecay's alpha and PolynomialDecay's end_learning_rate."""
    of = rule(schedule.of)
    return lambda t: tf.clip_by_value(of(t), float64(schedule.min_lr), float64(schedule.max_lr))
