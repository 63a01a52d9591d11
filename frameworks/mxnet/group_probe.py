"""Trains a small Gluon network in parameter groups, one update at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import mxnet as mx
import numpy as np
from mxnet import gluon

from frameworks.mxnet.groups import build_groups
from frameworks.schedule.groups import ParameterGroups

#: The ways to run an update.
RUNS = ("eager",)


class WatchedGroups:
    """A network of three parameters with `size` elements each: the body's weight and bias, the head's weight."""

    def __init__(
        self, groups: ParameterGroups, size: int, *, build: Callable = build_groups, run: str = "eager",
    ) -> None:
        self.network = gluon.nn.Sequential(prefix="")
        self.network.add(gluon.nn.Dense(size, in_units=1, prefix="body_"),
                         gluon.nn.Dense(1, in_units=size, use_bias=False, prefix="head_"))
        self.network.initialize()
        self.trainer = build(groups, self.network)
        self.weights = list(self.network.collect_params().values())

    def update(self, before: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        """Make one update of given weights with given gradients, and return the weights: float32, shape (3, size)."""
        for weight, value, gradient in zip(self.weights, before, gradients):
            weight.set_data(mx.nd.array(value).reshape(weight.shape))
            weight.grad()[:] = mx.nd.array(gradient).reshape(weight.shape)
            weight.data()._fresh_grad = True  # as backward() does; else the Trainer treats the gradient as stale
        self.trainer.step(1)
        return np.stack([weight.data().asnumpy().reshape(-1) for weight in self.weights])

    def save(self, folder: Path) -> None:
        """Save what a Gluon user saves: the states of the Trainers, with their counts and schedulers."""
        for name, trainer in self.trainer.trainers.items():
            trainer.save_states(str(folder / f"{name}.states"))

    def load(self, folder: Path) -> None:
        """Load the states of the Trainers, which have been built again."""
        for name, trainer in self.trainer.trainers.items():
            trainer.load_states(str(folder / f"{name}.states"))
