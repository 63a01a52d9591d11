"""The chapter's LeNet in PyTorch, starting from given weights."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn


def lenet(weights: dict[str, np.ndarray], device: torch.device) -> nn.Sequential:
    """Return the network on a device, with the canonical weights.

    weights: by the names of `reproduce.start.SHAPES`, in order; torch's own layouts are the canonical ones.
    """
    net = nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.ReLU(),
        nn.MaxPool2d(kernel_size=2, stride=2),
        nn.Conv2d(6, 16, kernel_size=5), nn.ReLU(),
        nn.MaxPool2d(kernel_size=2, stride=2),
        nn.Flatten(),
        nn.Linear(16 * 5 * 5, 120), nn.ReLU(),
        nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10),
    )
    with torch.no_grad():
        for parameter, weight in zip(net.parameters(), weights.values(), strict=True):
            parameter.copy_(torch.from_numpy(weight))
    return net.to(device)
