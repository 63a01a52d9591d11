"""The network of the book's PyTorch tab, as its printed code makes it."""

from __future__ import annotations

import torch

from frameworks.torch.lenet import LeNet


def printed(seed: int, device: torch.device) -> LeNet:
    """Return the described LeNet with torch's default weights: uniform within 1 / sqrt(fan_in), biases too."""
    torch.manual_seed(seed)
    return LeNet().to(device)
