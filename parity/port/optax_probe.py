"""Measures the rates that the optax optimizer of a spelling applies."""

from __future__ import annotations

import os

import numpy as np

from frameworks import FrameworkMissingError
from frameworks.observation import GRADIENTS, SHAPES, Observation


def observe(code: str, updates: int) -> Observation:
    """Run a spelling as printed, make jitted updates with its `optimizer`, and return the applied rates.

    Uses JAX's default, float32: a spelling that needs float64 sets it. Raises FrameworkMissingError without optax.
    """
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    try:
        import jax  # pyright: ignore[reportMissingImports]  (not installed)
        import jax.numpy as jnp  # pyright: ignore[reportMissingImports]  (not installed)
        import optax  # pyright: ignore[reportMissingImports]  (not installed)
    except ImportError as error:
        message = f"optax is not installed ({error}); pip install -r requirements/optax.txt"
        raise FrameworkMissingError(message) from None
    jax.config.update("jax_enable_x64", False)
    names: dict = {}
    exec(code, names)
    weights = [jnp.zeros(shape, jnp.float32) for shape in SHAPES]
    gradients = [jnp.full(shape, gradient, jnp.float32) for shape, gradient in zip(SHAPES, GRADIENTS)]

    def update(state: optax.OptState, _: None) -> tuple[optax.OptState, jax.Array]:
        changes, state = names["optimizer"].update(gradients, state, weights)
        return state, jnp.concatenate([weight.ravel() for weight in optax.apply_updates(weights, changes)])

    _, rows = jax.jit(lambda state: jax.lax.scan(update, state, length=updates))(names["optimizer"].init(weights))
    rows = np.asarray(jax.device_get(rows), np.float32)
    return Observation.from_weights(rows, np.full(updates, np.nan))  # optax.sgd reports no rate
