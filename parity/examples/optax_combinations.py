"""Sum, product, minimum and maximum for optax_backend.py, of schedules that it has built. optax has none of them."""

from functools import reduce

import jax.numpy as jnp  # pyright: ignore[reportMissingImports]  (in a separate environment)


def sum(of):
    return lambda count: reduce(jnp.add, [one(count) for one in of])


def product(of):
    return lambda count: reduce(jnp.multiply, [one(count) for one in of])


def minimum(of):
    return lambda count: reduce(jnp.minimum, [one(count) for one in of])


def maximum(of):
    return lambda count: reduce(jnp.maximum, [one(count) for one in of])


COMBINED = (sum, product, minimum, maximum)
