"""Repeat and cosine restarts, for Keras."""

from __future__ import annotations

import math

import tensorflow as tf
from numpy import float64

from frameworks.schedule import CosineRestarts, Repeat
from frameworks.tensorflow.schedules.rule import Rule, rule

#: Clocks count in int64: no round begins later.
LAST = 2**63 - 1


@rule.register
def repeat(schedule: Repeat) -> Rule:
    """Based on CosineDecayRestarts(first_decay_steps, t_mul=1). Differs: over any schedule; counts in whole numbers.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L768
    """
    of, low = rule(schedule.of), float64(schedule.min_lr)
    if schedule.decay == 1:
        return lambda t: of(tf.math.floormod(t, schedule.updates))

    def ask(t: tf.Tensor) -> tf.Tensor:
        sunk = _sunk(schedule, t // schedule.updates)
        return sunk * of(tf.math.floormod(t, schedule.updates)) + (1 - sunk) * low

    return ask


@rule.register
def cosine_restarts(schedule: CosineRestarts) -> Rule:
    """Based on CosineDecayRestarts(first_decay_steps, t_mul, m_mul, alpha). Differs: has a warm-up; in float64.

    The built-in takes a logarithm for the round, which in float64 misses the fifth restart of t_mul=3; here the rounds'
    starts, at most 64, are compared. Keras' alpha is the final rate as a share of the first.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L768
    """
    starts, lengths = [0], [schedule.updates]
    while schedule.growth > 1 and starts[-1] + lengths[-1] <= LAST:
        starts.append(starts[-1] + lengths[-1])
        lengths.append(lengths[-1] * schedule.growth)
    base, low = float64(schedule.base_lr), float64(schedule.final_lr)

    def ask(t: tf.Tensor) -> tf.Tensor:
        if schedule.growth == 1:
            done, within = t // schedule.updates, tf.math.floormod(t, schedule.updates)
            wave = float64(lengths[0] - schedule.warmup)
        else:
            begun = tf.constant(starts, tf.int64)
            late = t[..., None] >= begun  # pyright: ignore[reportArgumentType]  (the stub lacks the ellipsis)
            done = tf.reduce_sum(tf.cast(late, tf.int64), -1) - 1
            within = t - tf.gather(begun, done)
            wave = tf.gather(tf.constant([float(one - schedule.warmup) for one in lengths], tf.float64), done)
        share = (1 + tf.cos(math.pi * tf.cast(tf.maximum(within - schedule.warmup, 0), tf.float64) / wave)) / 2
        if schedule.warmup:
            line = tf.cast(within, tf.float64) / float64(schedule.warmup)
            share = tf.where(within < schedule.warmup, line, share)
        if schedule.sinks == "peak":
            return (1 - share) * low + share * base * _sunk(schedule, done)
        return low + (base - low) * share * _sunk(schedule, done)

    return ask


def _sunk(schedule: Repeat | CosineRestarts, done: tf.Tensor) -> tf.Tensor:
    return tf.pow(float64(schedule.decay), tf.cast(done, tf.float64))
