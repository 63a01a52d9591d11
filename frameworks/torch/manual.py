"""Setting the rate by hand in PyTorch, as the chapter shows before it comes to schedulers."""

from __future__ import annotations

import torch


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> float:
    """Set the learning rate of the next updates and return what the optimizer says it is.

    A scheduler on the same optimizer overwrites it at its next step; those that multiply go on from it.
    """
    for group in optimizer.param_groups:
        group["lr"] = rate
    return float(optimizer.param_groups[0]["lr"])


def demonstrated(rate: float) -> tuple[float, float]:
    """Set the rate between two updates of a weight from 0 with gradient 1; return what is said and what is applied."""
    weight = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.3)
    said = 0.3
    for update in range(2):
        if update:
            said = set_rate(optimizer, rate)
        with torch.no_grad():
            weight.zero_()
        optimizer.zero_grad()
        weight.sum().backward()
        optimizer.step()
    return said, -weight.item()
