"""What a training loop gives back after each epoch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Images in a test batch.
TEST_BATCH = 1000


class DeviceMissing(RuntimeError):
    """A device that was asked for and that the framework does not see."""


@dataclass(frozen=True)
class Epoch:
    """One epoch of n updates.

    losses: float64, shape (n,), the mean cross-entropy (nats) of each update's batch, before the update.
    rates: float64, shape (n,), the rate the framework reports for each update.
    sizes: the number of images in each batch.
    train_correct, test_correct: images classified correctly while training, and after the epoch.
    """

    losses: np.ndarray
    rates: np.ndarray
    sizes: np.ndarray
    train_correct: int
    test_correct: int

    @property
    def train_loss(self) -> float:
        """The mean loss of all images of the epoch, each at its own update: the chapter's running average."""
        return float(np.dot(self.losses, self.sizes) / self.sizes.sum())
