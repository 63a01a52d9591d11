"""Computes repeat and cosine restarts in Keras."""

from __future__ import annotations

import math

import tensorflow as tf
from numpy import float64

from frameworks.schedule import CosineRestarts, Repeat
from frameworks.tensorflow.schedules.rule import Rule, rule

#: The largest int64, in which clocks count: a cycle cannot begin later.
LAST = 2**63 - 1


@rule.register
def repeat(schedule: Repeat) -> Rule:
    """Based on CosineDecayRestarts(first_decay_steps, t_mul=1). Differs: of any schedule; counts in whole numbers.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L768
    """
    of, low = rule(schedule.of), float64(schedule.min_lr)
    if schedule.decay == 1:
        return lambda t: of(tf.math.floormod(t, schedule.updates))

    def compute(t: tf.Tensor) -> tf.Tensor:
        height = _compute_height(schedule, t // schedule.updates)
        return height * of(tf.math.floormod(t, schedule.updates)) + (1 - height) * low

    return compute


@rule.register
def cosine_restarts(schedule: CosineRestarts) -> Rule:
    """Based on CosineDecayRestarts(first_decay_steps, t_mul, m_mul, alpha). Differs: has a warm-up; in float64.

    The class computes the cycle by a logarithm, which in float64 misses the fifth restart of t_mul=3. Here `t` is
    compared with the starts of the cycles, at most 64. Keras' alpha is the final rate, divided by the first.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L768
    """
    starts, lengths = [0], [schedule.updates]
    while schedule.growth > 1 and starts[-1] + lengths[-1] <= LAST:
        starts.append(starts[-1] + lengths[-1])
        lengths.append(lengths[-1] * schedule.growth)
    base, low = float64(schedule.base_lr), float64(schedule.final_lr)

    def compute(t: tf.Tensor) -> tf.Tensor:
        if schedule.growth == 1:
            done, within = t // schedule.updates, tf.math.floormod(t, schedule.updates)
            length = float64(lengths[0] - schedule.warmup)
        else:
            begun = tf.constant(starts, tf.int64)
            late = t[..., None] >= begun  # pyright: ignore[reportArgumentType]  (the stub lacks the ellipsis)
            done = tf.reduce_sum(tf.cast(late, tf.int64), -1) - 1
            within = t - tf.gather(begun, done)
            length = tf.gather(tf.constant([float(n - schedule.warmup) for n in lengths], tf.float64), done)
        share = (1 + tf.cos(math.pi * tf.cast(tf.maximum(within - schedule.warmup, 0), tf.float64) / length)) / 2
        if schedule.warmup:
            line = tf.cast(within, tf.float64) / float64(schedule.warmup)
            share = tf.where(within < schedule.warmup, line, share)
        if schedule.sinks == "peak":
            return (1 - share) * low + share * base * _compute_height(schedule, done)
        return low + (base - low) * share * _compute_height(schedule, done)

    return compute


def _compute_height(schedule: Repeat | CosineRestarts, done: tf.Tensor) -> tf.Tensor:
    return tf.pow(float64(schedule.decay), tf.cast(done, tf.float64))
