"""Defines how three languages write operations: Python on numbers, TensorFlow and JAX on arrays."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """The operations of a language. Each field is a format of `str.format` (default: Python)."""

    number: str = "{0!r}"
    real: str = "{0}"
    least: str = "min({0}, {1})"
    most: str = "max({0}, {1})"
    choice: str = "({1} if {0} else {2})"
    cosine: str = "math.cos({0})"
    root: str = "math.sqrt({0})"
    power: str = "{0} ** {1}"
    sine: str = "math.sin({0})"
    passed: str = "sum({0} >= milestone for milestone in {1})"
    whole: str = "{0}"
    item: str = "{1}[{0}]"
    #: Whether the compiler may replace a division by a constant with a multiplication by its inverse.
    inverts: bool = False


PYTHON = Dialect()
TENSORFLOW = Dialect(
    number="float64({0!r})", real="tf.cast({0}, tf.float64)", least="tf.minimum({0}, {1})",
    most="tf.maximum({0}, {1})", choice="tf.where({0}, {1}, {2})", cosine="tf.cos({0})", root="tf.sqrt({0})",
    power="tf.pow({0}, {1})", sine="tf.sin({0})", inverts=True, whole="tf.cast({0}, tf.int64)",
    item="tf.gather(tf.constant({1}, tf.{2}), {0})",
    passed="tf.reduce_sum(tf.cast(tf.expand_dims({0}, -1) >= tf.constant({1}, tf.int64), tf.float64), -1)")
JAX = Dialect(
    number="jnp.float64({0!r})", real="jnp.float64({0})", least="jnp.minimum({0}, {1})",
    most="jnp.maximum({0}, {1})", choice="jnp.where({0}, {1}, {2})", cosine="jnp.cos({0})", root="jnp.sqrt({0})",
    power="jnp.power({0}, {1})", sine="jnp.sin({0})", inverts=True, item="jnp.array({1}, jnp.{2})[{0}]",
    passed="jnp.sum(jnp.expand_dims({0}, -1) >= jnp.array({1}), -1)")
