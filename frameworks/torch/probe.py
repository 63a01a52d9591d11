"""Measures the rate that each update of a torch optimizer applies."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import numpy as np
import torch

from frameworks.observation import CHUNK, GRADIENTS, SHAPES, SIZES, Observation
from frameworks.schedule import Schedule
from frameworks.torch.schedules import build


def observe(
    schedule: Schedule, updates: int, *, build: Callable = build, optimizer: Callable = torch.optim.SGD,
) -> Observation:
    """Make updates with plain SGD and return the rate that each of them applied to each weight.

    schedule: the schedule; update 0 is the first.
    updates: the number of updates, 1 or more.
    build: builds the scheduler from the schedule and the optimizer (default: `build` of this package).
    optimizer: builds the optimizer from parameters and `lr` (default: torch.optim.SGD).
    """
    memory = torch.zeros(sum(SIZES))  # of all three parameters, so that one call clears or reads them
    weights = [torch.nn.Parameter(part.view(shape)) for part, shape in zip(memory.split(SIZES), SHAPES)]
    for weight, gradient in zip(weights, GRADIENTS):
        weight.grad = torch.full_like(weight, gradient)
    trained = optimizer(weights, lr=1.0)
    scheduler = build(schedule, trained)

    seen = torch.empty((updates, sum(SIZES)))
    reported = np.empty(updates)
    rows = chain.from_iterable(part.unbind() for part in seen.split(CHUNK))
    for update, row in enumerate(rows):
        memory.zero_()
        reported[update] = trained.param_groups[0]["lr"]
        trained.step()
        row.copy_(memory)
        scheduler.step()
    return Observation.from_weights(seen.numpy(), reported)
