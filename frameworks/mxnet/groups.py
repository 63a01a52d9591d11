"""Parameter groups for Gluon, which has a multiplier per parameter and no groups: one `gluon.Trainer` for each.

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
from frameworks.schedule import Schedule, expanded
from frameworks.schedule.groups import ParameterGroups

#: What is written for a momentum of 0, or of less: the smallest normal float32, since MXNet reads no smaller one. SGD
#: leaves its velocity out of an update whose momentum is 0, and would go on from the old one.
ZERO = 2.0**-126


class _Multiplied(LRScheduler):
    """A schedule whose float32 rate is multiplied, and rounded to float32 again."""

    def __init__(self, schedule: Schedule, by: float) -> None:
        super().__init__()
        self.schedule, self.by = build(schedule), by

    def __call__(self, num_update: int) -> float:
        return float(numpy.float32(self.schedule(num_update) * self.by))


class Grouped:
    """The Trainers of the groups, by name, which update all of them at each step.

    Based on gluon.Trainer. Differs: it has one for each group, with an `lr_scheduler`. MXNet schedules neither momentum
    nor weight decay, but its optimizers read them, `optimizer.momentum` and `optimizer.wd`, at each update, and here
    they are written before it. Multipliers are not the parameters' `lr_mult`: MXNet hands that product to its operator
    as text, and where it lies exactly between two float32 numbers, may take the wrong one.

    To save them, save the states of each of `trainers`; to go on, build the groups again and load them: the saved
    schedules take the place of the new ones. With mxnet.contrib.amp each Trainer decides for itself whether to skip an
    update. Not for a distributed key-value store, whose servers have their own copy of the optimizer.

    See https://github.com/apache/mxnet/blob/1.9.1/python/mxnet/gluon/trainer.py#L28
    """

    def __init__(self, groups: ParameterGroups, trainers: dict[str, gluon.Trainer]) -> None:
        self.groups = groups
        self.trainers = trainers
        self._rules = _rules(groups)
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

    `optimizer` is a name registered with MXNet. The network must have been initialized. `lr_mult` and `wd_mult` of its
    parameters are set to 1: the groups take the place of what they were. Raises SpecificationError if a pattern matches
    none of the names in `collect_params()`.
    """
    if not isinstance(groups, ParameterGroups):
        raise TypeError(f"not parameter groups: {groups!r}")
    trained = {name: weight for name, weight in network.collect_params().items() if weight.grad_req != "null"}
    assigned = groups.assigned(trained)
    trainers = {}
    for group in groups.resolved():
        parameters = [trained[name] for name in assigned[group.name]]
        for parameter in parameters:
            parameter.lr_mult = parameter.wd_mult = 1.0
        scheduler = build(group.schedule) if group.lr_mult is None else _Multiplied(group.schedule, group.lr_mult)
        if parameters:
            trainers[group.name] = gluon.Trainer(parameters, optimizer, {"lr_scheduler": scheduler})
    return Grouped(groups, trainers)


def _rules(groups: ParameterGroups) -> dict[str, dict[str, Callable[[int], float]]]:
    """Return, for each group, what MXNet calls each thing but the rate that is scheduled, as a function of `t`."""
    rules = {}
    for group in groups.resolved():
        rules[group.name] = {}
        if group.momentum is not None:
            rules[group.name]["momentum"] = rule(expanded(group.momentum))
        if group.weight_decay is not None:
            rules[group.name]["wd"] = rule(expanded(group.weight_decay))
    return rules
