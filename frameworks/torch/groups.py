"""Builds parameter groups for PyTorch; one scheduler writes rate, momentum and weight decay into each.

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

from frameworks.schedule import expand
from frameworks.schedule.groups import ParameterGroups
from frameworks.torch.manual import _Stepper
from frameworks.torch.schedules import rule

#: Stands for a momentum of 0; as a float32 it is 0, which clears the buffer. At a momentum of 0, SGD leaves the buffer
#: out of the update and keeps its old value for later.
ZERO = 5e-324


class Grouped(_Stepper, LRScheduler):
    """Writes rate, momentum and weight decay of each update into the groups of an optimizer, found by their names.

    Based on torch.optim.lr_scheduler.LRScheduler; as OneCycleLR and CyclicLR do, it writes the momentum too. Differs:
    all values are computed from `last_epoch` alone and rounded to float32. `state_dict` holds plain numbers, not the
    groups; `load_state_dict` writes the values of the next update. A group that is added later needs a name of these.

    Raises ValueError if an optimizer's group has another name, or has no entry for a scheduled value.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L95
    """

    def __init__(self, optimizer: Optimizer, groups: ParameterGroups, last_epoch: int = -1) -> None:
        self.groups = groups
        self._prepare()
        self.optimizer = optimizer
        self._attach()
        super().__init__(optimizer, last_epoch)

    def _prepare(self) -> None:
        self._rules = _build_rules(self.groups)

    def _compute_rates(self) -> list[float]:
        """Return the rate of each group; write momentum and weight decay into the groups."""
        self._counted, rates = self.last_epoch, []
        for index, group in enumerate(self.optimizer.param_groups):
            if (rules := self._rules.get(group.get("name", ""))) is None:
                raise ValueError(f"param_groups[{index}]['name'] must be one of {', '.join(self._rules)}, "
                                 f"got {group.get('name')!r}")
            for key in rules:
                if key not in group:  # torch would accept an entry that it never reads
                    raise ValueError(f"{type(self.optimizer).__name__} has no {key} that a schedule could set")
            values = {key: float(numpy.float32(at(self.last_epoch))) for key, at in rules.items()}
            rates.append(values.pop("lr"))
            if values.get("momentum") == 0:
                values["momentum"] = ZERO
            group.update(values)
        return rates

    def rates(self) -> dict[str, float]:
        """Return the rate that the next update will use for each group."""
        return {group["name"]: float(group["lr"]) for group in self.optimizer.param_groups}

    def state_dict(self) -> dict:
        """Return the counts and rates, as plain numbers, without the groups."""
        return {"last_epoch": self.last_epoch, "_step_count": self._step_count,
                "_last_lr": [float(rate) for rate in self._last_lr]}

    def load_state_dict(self, state_dict: dict) -> None:
        """Continue at the count of a state, with these groups; write the values of the next update.

        state_dict: what `state_dict` returned, also for other groups.
        """
        self.last_epoch, self._step_count = state_dict["last_epoch"], state_dict["_step_count"]
        self._is_loaded = True
        self._write()


def build_groups(groups: ParameterGroups, network: nn.Module, optimizer: Callable = torch.optim.SGD) -> Grouped:
    """Return a scheduler, at its first update, whose `optimizer` has the network's trained parameters in groups.

    Call `step()` of the optimizer, then of the scheduler, at each update.

    groups: the schedules of rate, momentum and weight decay of each group.
    network: the network, in the type in which it is trained.
    optimizer: builds the optimizer from torch's groups and `lr` (default: torch.optim.SGD).

    Raises SpecificationError if a pattern matches none of `named_parameters()`.
    Raises ValueError if the optimizer has no entry for a scheduled value.
    Raises TypeError if `groups` is not a ParameterGroups.
    """
    if not isinstance(groups, ParameterGroups):
        raise TypeError(f"not parameter groups: {groups!r}")
    trained = {name: weight for name, weight in network.named_parameters() if weight.requires_grad}
    members = [{"params": [trained[name] for name in names], "name": group}
               for group, names in groups.assign_names(trained).items() if names]
    return Grouped(optimizer(members, lr=1.0), groups)


def _build_rules(groups: ParameterGroups) -> dict[str, dict[str, Callable[[int], float]]]:
    """Return, for each group, rate, momentum and weight decay as functions of `t`, by the names that torch uses."""
    rules = {}
    for group in groups.resolve_groups():
        rules[group.name] = {"lr": _multiply(rule(expand(group.schedule)), group.lr_mult)}
        if group.momentum is not None:
            rules[group.name]["momentum"] = rule(expand(group.momentum))
        if group.weight_decay is not None:
            rules[group.name]["weight_decay"] = rule(expand(group.weight_decay))
    return rules


def _multiply(rate: Callable[[int], float], by: float | None) -> Callable[[int], float]:
    return rate if by is None else lambda t: float(numpy.float32(rate(t))) * by
