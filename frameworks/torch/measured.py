"""Measures the rate of an update of PyTorch from the weights; for a recording."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from frameworks.record_rows import RecordError

#: A parameter with its values and its gradient before an update; None if the group has no gradient.
Before = tuple[Tensor, Tensor, Tensor] | None


def check_measurable(optimizer: Optimizer) -> None:
    """Raise RecordError unless the weights show the rate of an optimizer."""
    if type(optimizer) is not torch.optim.SGD:
        raise RecordError(f"measure needs torch.optim.SGD, whose update is rate times gradient, got "
                          f"{type(optimizer).__name__}")
    for index, group in enumerate(optimizer.param_groups):
        for option in ("momentum", "weight_decay", "fused"):  # fused: a GradScaler leaves the gradients scaled
            if group[option]:
                raise RecordError(f"measure needs an SGD without {option}: it must be 0 in param_groups[{index}], got "
                                  f"{group[option]!r}")


def copy_smallest(parameters: list[Tensor]) -> Before:
    """Copy values and gradient of the smallest parameter that has a gradient."""
    trained = [(parameter, parameter.grad) for parameter in parameters
               if parameter.grad is not None and parameter.numel()]
    if not trained:
        return None
    parameter, gradient = min(trained, key=lambda pair: pair[0].numel())
    return parameter, parameter.detach().clone(), gradient.detach().clone()


def measure_rate(before: Before, rate: float | None, group: dict[str, Any]) -> float | None:
    """Return the rate if it gives the new weights bit for bit, else what the largest gradient shows; None for 0."""
    if before is None or rate is None or not before[2].any():
        return None
    parameter, values, gradient = before
    signed = -gradient if group["maximize"] else gradient
    if torch.equal(values.add(signed, alpha=-rate), parameter.detach()):
        return rate
    largest = signed.abs().argmax()
    change = (values - parameter.detach()).flatten()[largest].double()
    return float(change / signed.flatten()[largest].double())
