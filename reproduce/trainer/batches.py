"""The order of a run's batches, from NumPy and one seed: the same in each framework, whose own draws are not used."""

from __future__ import annotations

import numpy as np

from frameworks.chapter import BATCH


def batches(seed: int, epoch: int, images: int) -> list[np.ndarray]:
    """Return the indices of the images of each batch of an epoch, int64: each image once, in a new order each time."""
    order = np.random.default_rng((seed, 1 + epoch)).permutation(images)
    return [order[start:start + BATCH] for start in range(0, images, BATCH)]


def fixed_batches(seed: int, epoch: int, images: int) -> list[np.ndarray]:
    """Return the batches of the book's TensorFlow tab: it makes them once, in the files' order, and shuffles them."""
    made = [np.arange(start, min(start + BATCH, images)) for start in range(0, images, BATCH)]
    return [made[index] for index in np.random.default_rng((seed, 1 + epoch)).permutation(len(made))]
