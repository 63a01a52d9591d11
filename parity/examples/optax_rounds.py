"""Cycles of a cosine, for optax_backend.py."""

import jax.numpy as jnp  # pyright: ignore[reportMissingImports]  (in a separate environment)


def cosine_restarts(base_lr, final_lr, updates, growth, decay, sinks, warmup):
    """Return the formula, for any number of cycles.

    sgdr_schedule has a fixed number of cycles, each a warmup_cosine_decay_schedule.
    """
    starts, lengths = [0], [updates]
    while starts[-1] + lengths[-1] < 2**63 and growth > 1:
        starts.append(starts[-1] + lengths[-1])
        lengths.append(lengths[-1] * growth)

    def rate(count):
        done, within, length = count // updates, count % updates, updates
        if growth > 1:
            done = jnp.searchsorted(jnp.array(starts), count, side="right") - 1
            within, length = count - jnp.array(starts)[done], jnp.array(list(map(float, lengths)))[done]
        height = decay ** done.astype(float)
        cosine = (1 + jnp.cos(jnp.pi * (within - warmup) / (length - warmup))) / 2
        share = jnp.where(within < warmup, within / max(warmup, 1), cosine)
        if sinks == "peak":
            return final_lr * (1 - share) + base_lr * height * share
        return final_lr + (base_lr - final_lr) * height * share

    return rate
