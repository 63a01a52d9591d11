"""Parameter groups for PyTorch: torch has them, and one scheduler writes rate, momentum and weight decay into each.

    from frameworks.torch import build_groups
    scheduler = build_groups(groups, net)
    for inputs, targets in batches:
        scheduler.optimizer.zero_grad()
        loss(net(inputs), targets).backward()
        scheduler.optimizer.step()
        scheduler.step()
"""

from __future__ import annotations

from collections.abc import Callable

import numpy
import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from frameworks.schedule import expanded
from frameworks.schedule.groups import ParameterGroups
from frameworks.torch.schedules import rule

#: What is written for a momentum of 0. SGD leaves its buffer out of an update whose momentum is 0, and would go on from
#: the old one; this one is 0 as a float32, so that the buffer is forgotten.
ZERO = 5e-324


class Grouped(LRScheduler):
    """A scheduler that writes what holds at each update into each group of an optimizer, which it finds by its name.

    Based on torch.optim.lr_scheduler.LRScheduler; as OneCycleLR and CyclicLR do, it writes the momentum too. Differs:
    everything is computed from `last_epoch` alone and rounded to float32. `state_dict` holds plain numbers; the groups
    are not saved but built again.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L95
    """

    def __init__(self, optimizer: Optimizer, groups: ParameterGroups, last_epoch: int = -1) -> None:
        self.groups = groups
        self._rules = _rules(groups)
        for index, group in enumerate(optimizer.param_groups):
            if group.get("name") not in self._rules:
                raise ValueError(f"param_groups[{index}]['name'] must be one of {', '.join(self._rules)}, "
                                 f"got {group.get('name')!r}")
            for key in self._rules[group["name"]]:
                if key not in group:  # torch would take what it never reads
                    raise ValueError(f"{type(optimizer).__name__} has no {key} that a schedule could set")
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float | torch.Tensor]:
        """Return the rate of each group for the update that `last_epoch` updates precede; write what else it has."""
        rates: list[float | torch.Tensor] = []
        for group in self.optimizer.param_groups:
            now = {key: float(numpy.float32(at(self.last_epoch))) for key, at in self._rules[group["name"]].items()}
            rates.append(now.pop("lr"))
            if now.get("momentum") == 0:
                now["momentum"] = ZERO
            group.update(now)
        return rates

    def rates(self) -> dict[str, float]:
        """Return the rate that the next update will use for each group."""
        return {group["name"]: group["lr"] for group in self.optimizer.param_groups}

    def state_dict(self) -> dict:
        return {name: value for name, value in super().state_dict().items() if name not in ("groups", "_rules")}

    def __getstate__(self) -> dict:
        return {name: value for name, value in self.__dict__.items() if name != "_rules"}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state, _rules=_rules(state["groups"]))


def build_groups(groups: ParameterGroups, network: nn.Module, optimizer: Callable = torch.optim.SGD) -> Grouped:
    """Return a scheduler at its first update, with an `optimizer` of the network's trained parameters, in groups.

    `optimizer` makes it from torch's groups and a rate. Call `step()` on both, the optimizer first, at each update.
    Raises SpecificationError if a pattern matches none of `named_parameters()`.
    """
    if not isinstance(groups, ParameterGroups):
        raise TypeError(f"not parameter groups: {groups!r}")
    trained = {name: weight for name, weight in network.named_parameters() if weight.requires_grad}
    own = [{"params": [trained[name] for name in names], "name": group}
           for group, names in groups.assigned(trained).items() if names]
    return Grouped(optimizer(own, lr=1.0), groups)


def _rules(groups: ParameterGroups) -> dict[str, dict[str, Callable[[int], float]]]:
    """Return, for each group, what torch calls each thing that is scheduled, and its value as a function of `t`."""
    rules = {}
    for group in groups.resolved():
        rules[group.name] = {"lr": _multiplied(rule(expanded(group.schedule)), group.lr_mult)}
        if group.momentum is not None:
            rules[group.name]["momentum"] = rule(expanded(group.momentum))
        if group.weight_decay is not None:
            rules[group.name]["weight_decay"] = rule(expanded(group.weight_decay))
    return rules


def _multiplied(rate: Callable[[int], float], by: float | None) -> Callable[[int], float]:
    return rate if by is None else lambda t: float(numpy.float32(rate(t))) * by
