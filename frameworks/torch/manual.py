"""Sets the rate by hand in PyTorch, as the chapter does before it introduces schedulers."""

from __future__ import annotations

import torch


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> float:
    """Set the learning rate of the next updates; return the rate that the optimizer then reports.

    optimizer: the optimizer; all its groups get the rate.
    rate: the rate, 0 or more.

    A scheduler of the same optimizer overwrites the rate at its next step; a scheduler that multiplies starts from it.
    Source: the chapter's line on `param_groups[0]["lr"]`.
    """
    for group in optimizer.param_groups:
        group["lr"] = rate
    return float(optimizer.param_groups[0]["lr"])


def demonstrate_set_rate(rate: float) -> tuple[float, float]:
    """Make two updates and set the rate between them; return the reported and the applied rate of the second.

    Both update a weight of 0, whose gradient is 1; the rate of the first is 0.3.

    rate: the rate to set, 0 or more.
    """
    weight = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.3)
    reported = 0.3
    for update in range(2):
        if update:
            reported = set_rate(optimizer, rate)
        with torch.no_grad():
            weight.zero_()
        optimizer.zero_grad()
        weight.sum().backward()
        optimizer.step()
    return reported, -weight.item()
