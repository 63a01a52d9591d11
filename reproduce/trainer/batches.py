"""Computes the order of a run's batches from NumPy and one seed, so that it is the same in each framework."""

from __future__ import annotations

import numpy as np

from frameworks.chapter import BATCH


def draw_batches(seed: int, epoch: int, images: int) -> list[np.ndarray]:
    """Return the indices (int64) of the images of each batch of an epoch: each image once, in a new order each epoch.

    seed: the run's seed. epoch: counted from 0. images: how many there are.
    """
    order = np.random.default_rng((seed, 1 + epoch)).permutation(images)
    return [order[start:start + BATCH] for start in range(0, images, BATCH)]


def draw_fixed_batches(seed: int, epoch: int, images: int) -> list[np.ndarray]:
    """Return the batches of the book's TensorFlow tab: made once in the files' order, then shuffled each epoch."""
    fixed = [np.arange(start, min(start + BATCH, images)) for start in range(0, images, BATCH)]
    return [fixed[index] for index in np.random.default_rng((seed, 1 + epoch)).permutation(len(fixed))]
