"""Samples LeNet's weights on Fashion-MNIST in a framework."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from importlib import import_module
from itertools import chain, islice

import numpy as np

from frameworks import backend, quiet
from frameworks.schedule import PowerLaw
from frameworks.weights import SHAPES, draw_first_weights
from reproduce.trainer.batches import draw_batches
from reproduce.trainer.data import Data
from reproduce.trainer.errors import DivergedError

#: The first rate as that of plain SGD on the mean loss, the factor from the first to the last rate, and the power.
RATE, FACTOR, POWER = 0.1, 10, 0.55
#: Updates between two samples: five in an epoch.
BETWEEN = 47


def build_schedule(images: int, updates: int) -> PowerLaw:
    """Return the rates of the sum over all images, which is that of the mean divided by half their number."""
    return PowerLaw(base_lr=2 * RATE / images, power=POWER, timescale=updates / (FACTOR ** (1 / POWER) - 1))


def sample(chosen: Namespace, data: Data, epochs: int, updates: int | None = None,
           ) -> tuple[PowerLaw, int, Iterator[tuple[np.ndarray, float]]]:
    """Return the schedule, the number of samples, and each sample: see `measure_samples`.

    updates: of each epoch (default: all). Raises DivergedError, also when a sample is taken.
    """
    quiet()
    ported, images = backend(chosen.framework), len(data.training[0])
    langevin, place = import_module(f"frameworks.{chosen.framework}.langevin"), ported.choose_device(chosen.device)
    planned = epochs * len(draw_batches(chosen.seed, 0, images)[:updates])
    schedule, net = build_schedule(images, planned), ported.build_lenet(draw_first_weights(chosen.seed), place)
    epoch_batches = (draw_batches(chosen.seed, epoch, images)[:updates] for epoch in range(epochs))
    batches = enumerate(chain.from_iterable(epoch_batches))
    ends = [*range(BETWEEN, planned, BETWEEN), planned]

    def draw(first: int, end: int) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
        for update, batch in islice(batches, end - first):
            random = np.random.default_rng((chosen.seed, 1, update))
            yield batch, [random.standard_normal(shape, np.float32) for shape in SHAPES.values()]

    def take() -> Iterator[tuple[np.ndarray, float]]:
        sweeps = map(draw, [0, *ends], ends)
        for end, _ in zip(ends, langevin.sample_lenet(net, schedule, data.training, sweeps, place)):
            probabilities = langevin.predict(net, data.testing[0], place)
            if not np.isfinite(probabilities).all():
                raise DivergedError(f"diverged: the probabilities after {end} updates are not finite")
            yield probabilities, schedule.lr(end - 1)

    return schedule, len(ends), take()
