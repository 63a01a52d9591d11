"""The curved kinds of optax_backend.py: exponential, annealing, power_law."""

# optax is in a separate environment
# pyright: reportMissingImports=false

import math

import jax.numpy as jnp
import optax


def exponential(base_lr, factor, updates, max_lr=None):
    """Return exponential_decay, except for a factor of 1, where its default end_value of 0 would be a limit.

    Its end_value limits an increasing rate. With a base_lr of 0 the rate would be 0 * inf, and so nan, once the power
    overflows.
    """
    if factor == 1 or base_lr == 0:
        return optax.constant_schedule(base_lr)
    if factor < 1:
        return optax.exponential_decay(base_lr, updates, factor)
    return optax.exponential_decay(base_lr, updates, factor, end_value=max_lr)


def annealing(shape, base_lr, final_lr, power, elapsed_power, updates, elapsed):
    """Return the whole formula: cosine_decay_schedule has `power`, but no elapsed_power and no fractions of updates.

    Near the end 1 - y, as XLA computes it, is inexact, and a root would enlarge that error.
    """

    def rate(count):
        passed = count + elapsed
        y, left = passed / updates, (updates - passed) / updates
        if elapsed_power != 1:
            y, left = y**elapsed_power, -jnp.expm1(elapsed_power * log(y, left))
        if shape == "exponential":
            ratio = final_lr / base_lr
            return jnp.where(y < left, base_lr * ratio**y, final_lr * ratio ** -left)
        if shape == "cosine":
            y, left = jnp.sin(math.pi / 2 * y) ** 2, jnp.sin(math.pi / 2 * left) ** 2
        if power != 1:
            logs = power * log(left, y)
            y, left = -jnp.expm1(logs), jnp.exp(logs)
        return base_lr + (final_lr - base_lr) * y if final_lr > base_lr else final_lr + (base_lr - final_lr) * left

    return lambda count: jnp.where(
        count + elapsed >= updates, final_lr, jnp.where(count + elapsed > 0, rate(count), base_lr))


def log(part, rest):
    """Return the logarithm of a part of 1, from the rest if that is small.

    XLA's log1p is inexact between -0.41 and -0.29.
    """
    return jnp.where(rest < 0.25, jnp.log1p(-rest), jnp.log(part))


def power_law(base_lr, timescale, power):
    """Return the formula: optax has no such schedule."""
    return lambda count: base_lr * jnp.exp(-power * jnp.log1p(count / timescale))
