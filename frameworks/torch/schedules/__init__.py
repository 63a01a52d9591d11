"""From a specification to a `torch.optim.lr_scheduler.LRScheduler`."""

from __future__ import annotations

import numpy
import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from frameworks.schedule import Schedule, expanded
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
    """A schedule that writes its rate into every group of an optimizer, in place of the rates the groups came with.

    Based on torch.optim.lr_scheduler.LRScheduler. Differs: every rate is computed from `last_epoch` alone, never from
    the previous one, and rounded to float32 here, since torch applies a float64 rate to float64 weights unrounded. A
    group may have an `lr_mult`, as a Gluon parameter has: {"params": ..., "lr_mult": 0.1} gets a tenth of the rate.
    `state_dict` holds plain numbers, or tensors if the rate is in one; the schedule is not saved but built again.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L95
    """

    def __init__(self, optimizer: Optimizer, schedule: Schedule, last_epoch: int = -1) -> None:
        self.schedule = schedule
        self._rule = rule(expanded(schedule))
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float | Tensor]:
        """Return the rate of the update that `last_epoch` updates precede, for each group, times its `lr_mult`."""
        rate = float(numpy.float32(self._rule(self.last_epoch)))
        return [float(numpy.float32(rate * group.get("lr_mult", 1.0))) for group in self.optimizer.param_groups]

    def state_dict(self) -> dict:
        return {name: value for name, value in super().state_dict().items() if name not in ("schedule", "_rule")}

    def __getstate__(self) -> dict:
        return {name: value for name, value in self.__dict__.items() if name != "_rule"}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state, _rule=rule(expanded(state["schedule"])))


def build(schedule: Schedule, optimizer: Optimizer) -> LRScheduler:
    """Return a scheduler on `optimizer`, at its first update: the built-in class if it is exact, else a Specified.

    It takes the place of the rates that the groups came with; add groups, and give the weights their type, before. Call
    its `step()` after every `optimizer.step()`.
    """
    native = steps.built_in(expanded(schedule))
    if native is None or not _is_rounded_once(optimizer):
        return Specified(optimizer, schedule)
    base_lr, make = native
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] = base_lr
    return make(optimizer)


def _is_rounded_once(optimizer: Optimizer) -> bool:
    """Whether the float64 rate of a built-in class is rounded to float32 once, on its way to the weights.

    SGD hands it to its kernels as it is; Adam and others compute with it before. With the rate in a float32 tensor the
    class would go on from the rounded one. For float64 weights it is not rounded; with an `lr_mult` not in between.
    """
    rounding = (torch.float32, torch.float16, torch.bfloat16)
    return type(optimizer) is torch.optim.SGD and not any(
        isinstance(group["lr"], Tensor) or "lr_mult" in group or parameter.dtype not in rounding
        for group in optimizer.param_groups for parameter in group["params"])
