"""Warm-up and sequence, for Keras."""

from __future__ import annotations

import tensorflow as tf
from numpy import float64

from frameworks.schedule import Sequence, Warmup
from frameworks.tensorflow.schedules.rule import Rule, rule


@rule.register
def warmup(schedule: Warmup) -> Rule:
    """Based on CosineDecay(begin_lr, decay_steps, warmup_target=, warmup_steps=). Differs: over any schedule.

    Keras' decay_steps are those after the warm-up, as in `then`: its clock restarts.
    """
    then = rule(schedule.then)
    with tf.init_scope():  # once, even if built inside a tf.function
        peak = then(tf.constant(0, tf.int64)) if schedule.peak_lr is None else float64(schedule.peak_lr)
    start = schedule.updates if schedule.clock == "restart" else 0

    def ask(t: tf.Tensor) -> tf.Tensor:
        if schedule.mode == "constant":
            warm = tf.fill(tf.shape(t), float64(schedule.begin_lr))
        else:
            warm = schedule.begin_lr + (peak - schedule.begin_lr) * tf.cast(t, tf.float64) / schedule.updates
        return tf.where(t < schedule.updates, warm, then(tf.maximum(t - start, 0)))

    return ask


@rule.register
def sequence(schedule: Sequence) -> Rule:
    """Keras has none."""
    parts = [rule(part) for part in schedule.parts]

    def ask(t: tf.Tensor) -> tf.Tensor:
        rate = parts[0](t)
        for part, start in zip(parts[1:], schedule.boundaries):
            rate = tf.where(t < start, rate, part(tf.maximum(t - start, 0)))
        return rate

    return ask
