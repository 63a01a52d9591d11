"""Sum, product, minimum and maximum of built schedules, for optax_backend.py: optax has no such schedules."""

from functools import reduce

import jax.numpy as jnp  # pyright: ignore[reportMissingImports]  (in a separate environment)


def sum(of):
    """Return the sum of schedules."""
    return lambda count: reduce(jnp.add, [schedule(count) for schedule in of])


def product(of):
    """Return the product of schedules."""
    return lambda count: reduce(jnp.multiply, [schedule(count) for schedule in of])


def minimum(of):
    """Return the minimum of schedules."""
    return lambda count: reduce(jnp.minimum, [schedule(count) for schedule in of])


def maximum(of):
    """Return the maximum of schedules."""
    return lambda count: reduce(jnp.maximum, [schedule(count) for schedule in of])


COMBINED = (sum, product, minimum, maximum)
