"""Computes warm-up and sequence in Keras."""

from __future__ import annotations

import math

import tensorflow as tf
from numpy import float64

from frameworks.schedule import Sequence, Warmup
from frameworks.tensorflow.schedules.rule import Rule, rule


@rule.register
def warmup(schedule: Warmup) -> Rule:
    """Based on CosineDecay(begin_lr, decay_steps, warmup_target=, warmup_steps=). Differs: before any schedule.

    Keras' decay_steps do not include the warm-up: as with `then`, the clock restarts.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L573
    """
    then = rule(schedule.then)
    with tf.init_scope():  # once, even if built inside a tf.function
        peak = then(tf.constant(0, tf.int64)) if schedule.peak_lr is None else float64(schedule.peak_lr)
    start = schedule.updates if schedule.clock == "restart" else 0

    warm = build_warmup(schedule, peak)
    return lambda t: tf.where(t < schedule.updates, warm(t), then(tf.maximum(t - start, 0)))


def build_warmup(schedule: Warmup, peak: tf.Tensor | float64) -> Rule:
    """Return the rates of a warm-up; Keras supports only "linear", in CosineDecay.

    The divisor of the other modes is not a constant: XLA would multiply by the inverse of a constant.
    """
    begin, updates = float64(schedule.begin_lr), schedule.updates
    height = peak - begin

    def share(t: tf.Tensor) -> tf.Tensor:
        return tf.cast(tf.minimum(t, updates), tf.float64) / tf.cast(tf.maximum(t, updates), tf.float64)

    if schedule.mode == "linear":
        return lambda t: begin + height * tf.cast(t, tf.float64) / updates
    if schedule.mode == "polynomial":
        return lambda t: begin + height * share(t) ** float64(schedule.power)
    if schedule.mode == "cosine":
        return lambda t: begin + height * tf.sin(math.pi / 2 * share(t)) ** 2
    if schedule.mode == "exponential":
        return lambda t: begin * tf.pow(peak / begin, share(t))
    return lambda t: tf.fill(tf.shape(t), begin)


@rule.register
def sequence(schedule: Sequence) -> Rule:
    """Keras has none."""
    parts = [rule(part) for part in schedule.parts]

    def compute(t: tf.Tensor) -> tf.Tensor:
        rate = parts[0](t)
        for part, start in zip(parts[1:], schedule.boundaries):
            rate = tf.where(t < start, rate, part(tf.maximum(t - start, 0)))
        return rate

    return compute
