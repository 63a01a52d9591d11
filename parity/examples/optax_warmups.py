"""Warm-ups along curves, for optax_backend.py: optax has no such schedules."""

import jax.numpy as jnp  # pyright: ignore[reportMissingImports]  (in a separate environment)


def build_curve(mode, begin_lr, peak, updates, power):
    """Return a curve from one rate to another.

    It divides by a number that is not a constant for XLA, which would multiply by the inverse of a constant.
    """
    def share(count):
        return jnp.minimum(count, updates).astype(float) / jnp.maximum(count, updates)

    if mode == "exponential":
        return lambda count: begin_lr * (peak / begin_lr) ** share(count)
    if mode == "cosine":
        return lambda count: begin_lr + (peak - begin_lr) * jnp.sin(jnp.pi / 2 * share(count)) ** 2
    if mode == "polynomial":
        return lambda count: begin_lr + (peak - begin_lr) * share(count) ** power
    raise NotImplementedError(f"no warm-up of mode {mode} here")
