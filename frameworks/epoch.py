"""Defines what a training loop yields after each epoch, and after each update if requested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Images in a test batch.
TEST_BATCH = 1000


class DeviceMissingError(RuntimeError):
    """The framework does not see the requested device."""


@dataclass(frozen=True)
class Epoch:
    """One epoch of n updates, or the part of it that is complete.

    losses: float64, shape (n,), the mean cross-entropy (nats) of each update's batch, before the update.
    rates: float64, shape (n,), the rate the framework reports for each update.
    sizes: the number of images in each batch.
    train_correct, test_correct: images classified correctly while training, and after the epoch.
    test_loss: the mean cross-entropy (nats) of the test images after the epoch.
    """

    losses: np.ndarray
    rates: np.ndarray
    sizes: np.ndarray
    train_correct: int
    test_correct: int
    test_loss: float = 0.0

    def prepend(self, earlier: Epoch) -> Epoch:
        """Return one epoch of two parts of it."""
        losses, rates, sizes = (np.concatenate(pair) for pair in (
            (earlier.losses, self.losses), (earlier.rates, self.rates), (earlier.sizes, self.sizes)))
        return Epoch(losses, rates, sizes, earlier.train_correct + self.train_correct,
                     earlier.test_correct + self.test_correct, self.test_loss)

    @property
    def train_loss(self) -> float:
        """The mean loss of all images of the epoch, each at its own update: the chapter's running average."""
        return float(np.dot(self.losses, self.sizes) / self.sizes.sum())


@dataclass(frozen=True)
class Evaluation:
    """A network's results on some images: mean cross-entropy (nats), and how many are classified correctly."""

    loss: float
    correct: int


#: The results on no images.
UNTESTED = Evaluation(0.0, 0)
#: An epoch of which nothing has been made.
NOTHING = Epoch(np.empty(0), np.empty(0), np.empty(0, np.int64), 0, 0)
#: Called after each update: a function that fetches its loss, its rate, and a function that gives the epoch so far.
Progress = Callable[[Callable[[], float], Any, Callable[[], Epoch]], object]
