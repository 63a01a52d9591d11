"""Builds a `torch.optim.lr_scheduler.LRScheduler` from a specification."""

from __future__ import annotations

import numpy
import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from frameworks.schedule import Schedule, expand
from frameworks.torch.schedules import (  # noqa: F401  (they register the kinds)
    annealing,
    clocks,
    combinations,
    curves,
    cycles,
    phases,
    rates,
    rounds,
    steps,
)
from frameworks.torch.schedules.rule import rule


class Specified(LRScheduler):
    """Writes the rate of a schedule into every group of an optimizer, and replaces the rates of the groups.

    Based on torch.optim.lr_scheduler.LRScheduler. Differs: computes every rate from `last_epoch` alone, never from the
    previous rate, and rounds it to float32, since torch applies a float64 rate to float64 weights unrounded. A group
    may have an `lr_mult`, as a Gluon parameter has: `{"params": ..., "lr_mult": 0.1}` gets a tenth of the rate.
    `state_dict` holds plain numbers, or tensors if the rate is in one; the schedule is not saved but built again.

    optimizer: the optimizer, with all its groups.
    schedule: the schedule.
    last_epoch: the number of updates already made, minus 1 (default: -1).

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L95
    """

    def __init__(self, optimizer: Optimizer, schedule: Schedule, last_epoch: int = -1) -> None:
        self.schedule = schedule
        self._rule = rule(expand(schedule))
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float | Tensor]:
        """Return the rate after `last_epoch` updates for each group, times its `lr_mult`."""
        rate = float(numpy.float32(self._rule(self.last_epoch)))
        return [float(numpy.float32(rate * group.get("lr_mult", 1.0))) for group in self.optimizer.param_groups]

    def state_dict(self) -> dict:
        """Return the state of the base class, without the schedule."""
        return {name: value for name, value in super().state_dict().items() if name not in ("schedule", "_rule")}

    def __getstate__(self) -> dict:
        return {name: value for name, value in self.__dict__.items() if name != "_rule"}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state, _rule=rule(expand(state["schedule"])))


def build(schedule: Schedule, optimizer: Optimizer) -> LRScheduler:
    """Return a scheduler of an optimizer, at its first update: the built-in class if it is exact, else a Specified.

    It replaces the rates of the groups. Call its `step()` after every `optimizer.step()`.

    schedule: the schedule.
    optimizer: the optimizer; add its groups, and set the type of the weights, before this call.

    Raises TypeError if `schedule` is not a schedule.
    """
    built_in = steps.find_built_in(expand(schedule))
    if built_in is None or not _is_rounded_once(optimizer):
        return Specified(optimizer, schedule)
    base_lr, construct = built_in
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] = base_lr
    return construct(optimizer)


def _is_rounded_once(optimizer: Optimizer) -> bool:
    """Return whether the float64 rate of a built-in class is rounded to float32 exactly once before it is applied.

    SGD passes the rate to its kernels unchanged; Adam and others first compute with it. With the rate in a float32
    tensor, the class would continue from the rounded rate. For float64 weights the rate is not rounded. With an
    `lr_mult` it would not be rounded before the multiplication.
    """
    rounding = (torch.float32, torch.float16, torch.bfloat16)
    return type(optimizer) is torch.optim.SGD and not any(
        isinstance(group["lr"], Tensor) or "lr_mult" in group or parameter.dtype not in rounding
        for group in optimizer.param_groups for parameter in group["params"])
