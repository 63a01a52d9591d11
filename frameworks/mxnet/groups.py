"""Builds parameter groups for Gluon, which has only a multiplier per parameter: one `gluon.Trainer` per group.

    from frameworks.mxnet import build_groups
    trainer = build_groups(groups, net)
    for data, label in batches:
        with autograd.record():
            loss = loss_function(net(data), label)
        loss.backward()
        trainer.step(batch_size)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy
from mxnet import gluon
from mxnet.lr_scheduler import LRScheduler

from frameworks.mxnet.schedules import build, rule
from frameworks.schedule import Schedule, expand
from frameworks.schedule.groups import ParameterGroups

#: Stands for a momentum of 0, or of less than this: the smallest normal float32, since MXNet reads none below it. At a
#: momentum of 0, SGD leaves the velocity out of the update and keeps its old value for later.
ZERO = 2.0**-126


class _Multiplied(LRScheduler):
    """Multiplies the float32 rate of a schedule, and rounds the product to float32."""

    def __init__(self, schedule: Schedule, by: float) -> None:
        super().__init__()
        self.schedule, self.by = build(schedule), by

    def __call__(self, num_update: int) -> float:
        return float(numpy.float32(self.schedule(num_update) * self.by))


class Grouped:
    """Updates all groups at each step, with one Trainer per group; `trainers` has them by name.

    Based on gluon.Trainer. Differs: has one Trainer per group, each with an `lr_scheduler`. MXNet does not schedule
    momentum and weight decay, but its optimizers read `optimizer.momentum` and `optimizer.wd` at each update. Here both
    are written before each update. Multipliers are not the parameters' `lr_mult`: MXNet passes that product to its
    operator as text, and may round it to the wrong float32 where it lies exactly between two.

    To save, save the states of each of `trainers`. To continue, build the groups again and load these states; the saved
    schedules replace the new ones. With mxnet.contrib.amp each Trainer separately decides whether to skip an update.
    A distributed key-value store is not supported: its servers have a separate copy of the optimizer.

    Raises ValueError if a group schedules a momentum and the optimizer has none.

    See https://github.com/apache/mxnet/blob/1.9.1/python/mxnet/gluon/trainer.py#L28
    """

    def __init__(self, groups: ParameterGroups, trainers: dict[str, gluon.Trainer]) -> None:
        self.groups = groups
        self.trainers = trainers
        self._rules = _build_rules(groups)
        for name, trainer in trainers.items():
            if "momentum" in self._rules[name] and not hasattr(trainer.optimizer, "momentum"):
                raise ValueError(f"{type(trainer.optimizer).__name__} has no momentum that a schedule could set")

    def step(self, batch_size: int, ignore_stale_grad: bool = False) -> None:
        """Make one update of all parameters, as `gluon.Trainer.step` does."""
        for name, trainer in self.trainers.items():
            for key, at in self._rules[name].items():
                value = float(numpy.float32(at(trainer.optimizer.num_update)))
                setattr(trainer.optimizer, key, max(value, ZERO) if key == "momentum" else value)
            trainer.step(batch_size, ignore_stale_grad)

    def rates(self) -> dict[str, float]:
        """Return the rate that the next update will use for each group."""
        return {name: trainer.optimizer.lr_scheduler(trainer.optimizer.num_update + 1)
                for name, trainer in self.trainers.items()}


def build_groups(groups: ParameterGroups, network: gluon.Block, optimizer: str = "sgd") -> Grouped:
    """Return the Trainers of a network's trained parameters, at their first update; call `step` for each update.

    groups: the schedules of rate, momentum and weight decay of each group.
    network: the initialized network; `lr_mult` and `wd_mult` of its trained parameters are set to 1.
    optimizer: a name registered with MXNet (default: "sgd").

    Raises SpecificationError if a pattern matches none of the names in `collect_params()`.
    Raises ValueError if a group schedules a momentum and the optimizer has none.
    Raises TypeError if `groups` is not a ParameterGroups.
    """
    if not isinstance(groups, ParameterGroups):
        raise TypeError(f"not parameter groups: {groups!r}")
    trained = {name: weight for name, weight in network.collect_params().items() if weight.grad_req != "null"}
    assigned = groups.assign_names(trained)
    trainers = {}
    for group in groups.resolve_groups():
        parameters = [trained[name] for name in assigned[group.name]]
        for parameter in parameters:
            parameter.lr_mult = parameter.wd_mult = 1.0
        scheduler = build(group.schedule) if group.lr_mult is None else _Multiplied(group.schedule, group.lr_mult)
        if parameters:
            trainers[group.name] = gluon.Trainer(parameters, optimizer, {"lr_scheduler": scheduler})
    return Grouped(groups, trainers)


def _build_rules(groups: ParameterGroups) -> dict[str, dict[str, Callable[[int], float]]]:
    """Return, for each group, its momentum and weight decay as functions of `t`, by the names that MXNet uses."""
    rules = {}
    for group in groups.resolve_groups():
        rules[group.name] = {}
        if group.momentum is not None:
            rules[group.name]["momentum"] = rule(expand(group.momentum))
        if group.weight_decay is not None:
            rules[group.name]["wd"] = rule(expand(group.weight_decay))
    return rules
