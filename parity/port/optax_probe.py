"""Watch optax at work: which rate does each update of the optimizer that a spelling makes apply?"""

from __future__ import annotations

import os

import numpy as np

from frameworks import FrameworkMissing
from frameworks.observation import GRADIENTS, SHAPES, Observation


def observe(code: str, updates: int) -> Observation:
    """Run a spelling as it is printed, make jitted updates with its `optimizer`, and return what each one applied.

    As JAX comes, in float32: a spelling that needs float64 says so itself. Raises FrameworkMissing.
    """
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    try:
        import jax  # pyright: ignore[reportMissingImports]  (not installed)
        import jax.numpy as jnp  # pyright: ignore[reportMissingImports]  (not installed)
        import optax  # pyright: ignore[reportMissingImports]  (not installed)
    except ImportError as error:
        raise FrameworkMissing(f"optax is not installed ({error}); pip install -r requirements/optax.txt") from None
    jax.config.update("jax_enable_x64", False)
    made: dict = {}
    exec(code, made)
    weights = [jnp.zeros(shape, jnp.float32) for shape in SHAPES]
    gradients = [jnp.full(shape, gradient, jnp.float32) for shape, gradient in zip(SHAPES, GRADIENTS)]

    def update(state: optax.OptState, _: None) -> tuple[optax.OptState, jax.Array]:
        changes, state = made["optimizer"].update(gradients, state, weights)
        return state, jnp.concatenate([one.ravel() for one in optax.apply_updates(weights, changes)])

    _, seen = jax.jit(lambda state: jax.lax.scan(update, state, length=updates))(made["optimizer"].init(weights))
    seen = np.asarray(jax.device_get(seen), np.float32)
    return Observation.of_weights(seen, np.full(updates, np.nan))  # optax.sgd reports no rate
