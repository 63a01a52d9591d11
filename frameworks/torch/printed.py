"""Builds the network of the book's PyTorch tab, as its code does (the book variant)."""

from __future__ import annotations

import torch

from frameworks.torch.lenet import LeNet


def build_printed_lenet(seed: int, device: torch.device) -> LeNet:
    """Return the network of the book variant: LeNet with torch's default weights.

    Weights and biases are uniform within 1 / sqrt(fan_in).

    seed: the seed of the weights, from 0.
    device: the device.

    Source: the book's PyTorch tab.
    """
    torch.manual_seed(seed)
    return LeNet().to(device)
