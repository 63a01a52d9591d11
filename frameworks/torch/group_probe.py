"""Trains a small torch network in parameter groups, one update at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from frameworks.schedule.groups import ParameterGroups
from frameworks.torch.groups import build_groups

#: The ways to run an update.
RUNS = ("eager",)


class WatchedGroups:
    """A network of three parameters with `size` elements each: the body's weight and bias, the head's weight."""

    def __init__(
        self, groups: ParameterGroups, size: int, *, build: Callable = build_groups, run: str = "eager",
    ) -> None:
        self.network, body, head = nn.Sequential(), nn.Linear(1, size), nn.Linear(size, 1, bias=False)
        self.network.add_module("body", body)
        self.network.add_module("head", head)
        self.scheduler = build(groups, self.network)
        self.weights = [body.weight, body.bias, head.weight]

    def update(self, before: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        """Make one update of given weights with given gradients, and return the weights: float32, shape (3, size)."""
        for weight, value, gradient in zip(self.weights, before, gradients):
            weight.data.copy_(torch.from_numpy(value).view(weight.shape))
            weight.grad = torch.from_numpy(gradient.copy()).view(weight.shape)
        self.scheduler.optimizer.step()
        self.scheduler.step()
        return np.stack([weight.detach().numpy().reshape(-1) for weight in self.weights])

    def save(self, folder: Path) -> None:
        """Save what a torch user saves: the states of the optimizer and of the scheduler."""
        torch.save({"optimizer": self.scheduler.optimizer.state_dict(), "scheduler": self.scheduler.state_dict()},
                   folder / "states")

    def load(self, folder: Path) -> None:
        """Load the state of the optimizer, then that of the scheduler; both have been built again."""
        states = torch.load(folder / "states", weights_only=True)
        self.scheduler.optimizer.load_state_dict(states["optimizer"])
        self.scheduler.load_state_dict(states["scheduler"])
