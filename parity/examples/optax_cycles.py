"""Polynomials whose end moves each time it is reached, for optax_backend.py."""

import jax.numpy as jnp  # pyright: ignore[reportMissingImports]  (in a separate environment)


def polynomial_cycle(base_lr, final_lr, power, updates):
    """Return the formula: optax has no such schedule."""

    def rate(count):
        end = updates * jnp.maximum((count + updates - 1) // updates, 1)
        return final_lr + (base_lr - final_lr) * ((end - count) / end) ** power

    return rate
