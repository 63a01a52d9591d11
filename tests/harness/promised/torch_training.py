"""A torch training whose applied rates are read from its weights."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import torch

from frameworks.schedule import Schedule
from frameworks.torch import build

#: The optimizers. Adam with both betas 0 divides a gradient by its absolute value, so that it applies the bare rate.
OPTIMIZERS: dict[str, Callable] = {
    "SGD": lambda groups: torch.optim.SGD(groups, lr=1.0),
    "SGD, momentum": lambda groups: torch.optim.SGD(groups, lr=1.0, momentum=0.5),
    "SGD, tensor": lambda groups: torch.optim.SGD(groups, lr=torch.tensor(1.0)),
    "AdamW": lambda groups: torch.optim.AdamW(groups, lr=1.0, betas=(0.0, 0.0), eps=0.0),
    "AdamW, tensor": lambda groups: torch.optim.AdamW(groups, lr=torch.tensor(1.0), betas=(0.0, 0.0), eps=0.0),
}
#: The second group has a tenth of the rate.
MULTIPLIERS = (1.0, 0.1)


class Training:
    """Two weights in two groups, an optimizer and its scheduler.

    schedule: the schedule. optimizer: a name of OPTIMIZERS. build: builds the scheduler (default: `build`); None builds
    it later.
    """

    def __init__(self, schedule: Schedule, optimizer: str, *, build: Callable | None = build) -> None:
        self.weights = [torch.nn.Parameter(torch.zeros(1)) for _ in MULTIPLIERS]
        self.optimizer = OPTIMIZERS[optimizer](
            [{"params": [weight], "lr_mult": by} for weight, by in zip(self.weights, MULTIPLIERS)])
        self.scheduler = None if build is None else build(schedule, self.optimizer)

    def update(self) -> list[float]:
        """Make one update from weights of 0, with gradients of 1, and return the rate that each weight got."""
        for weight in (weights := [each for group in self.optimizer.param_groups for each in group["params"]]):
            weight.data.zero_()
            weight.grad = torch.ones_like(weight)
            if (buffer := self.optimizer.state[weight].get("momentum_buffer")) is not None:
                buffer.zero_()
        self.optimizer.step()
        return [-weight.item() for weight in weights]

    def train(self, updates: int) -> list[list[float]]:
        """Make updates, with a step of the scheduler after each; return the applied rates of each."""
        applied = []
        for _ in range(updates):
            applied.append(self.update())
            self.scheduler.step()
        return applied

    def save(self) -> tuple[dict, dict]:
        """Return copies of the states of optimizer and scheduler, as a file would hold them."""
        return copy.deepcopy(self.optimizer.state_dict()), copy.deepcopy(self.scheduler.state_dict())


#: The orders in which the states may be loaded.
ORDERS = (("optimizer", "scheduler"), ("scheduler", "optimizer"))


def load(training: Training, of_optimizer: dict, of_scheduler: dict, order: tuple[str, ...]) -> None:
    """Load both states in an order."""
    for name in order:
        getattr(training, name).load_state_dict(of_optimizer if name == "optimizer" else of_scheduler)


def multiply(rates: list[float], multipliers: tuple[float, ...] = MULTIPLIERS) -> list[list[float]]:
    """Return the rate of each group for each rate: float32(rate * multiplier)."""
    return [[float(np.float32(rate * by)) for by in multipliers] for rate in rates]
