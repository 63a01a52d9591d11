"""Computes the rates of five of Keras' schedule classes in TensorFlow, for a Keras on jax or torch.

The arguments are those of the classes, by position; each function returns the rate as a function of `t`, an int64
tensor.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import tensorflow as tf
from numpy import float64, int64

Rule = Callable[[tf.Tensor], tf.Tensor]


def CosineDecay(base: float64, updates: float64, alpha: float64) -> Rule:
    """Return base * ((1 - alpha) * (1 + cos(pi * t / updates)) / 2 + alpha), held from `updates` on."""
    def compute(t: tf.Tensor) -> tf.Tensor:
        share = tf.minimum(tf.cast(t, tf.float64), updates) / updates
        return base * ((1 - alpha) * (1 + tf.cos(math.pi * share)) / 2 + alpha)

    return compute


def ExponentialDecay(base: float64, updates: float64, factor: float64) -> Rule:
    """Return base * factor ** (t / updates)."""
    return lambda t: base * tf.pow(factor, tf.cast(t, tf.float64) / updates)


def InverseTimeDecay(base: float64, updates: float64, rate: float64) -> Rule:
    """Return base / (1 + rate * t / updates)."""
    return lambda t: base / (1 + rate * tf.cast(t, tf.float64) / updates)


def PiecewiseConstantDecay(boundaries: list[int64], values: list[float64]) -> Rule:
    """Return values[i], where i is the number of boundaries below t."""
    def compute(t: tf.Tensor) -> tf.Tensor:
        passed = tf.reduce_sum(tf.cast(tf.expand_dims(t, -1) > tf.constant(boundaries, tf.int64), tf.int64), -1)
        return tf.gather(tf.constant(values, tf.float64), passed)

    return compute


def PolynomialDecay(base: float64, updates: float64, final: float64, power: float64) -> Rule:
    """Return final + (base - final) * (1 - t / updates) ** power, held from `updates` on."""
    def compute(t: tf.Tensor) -> tf.Tensor:
        share = tf.minimum(tf.cast(t, tf.float64), updates) / updates
        return final + (base - final) * (1 - share) ** power

    return compute
