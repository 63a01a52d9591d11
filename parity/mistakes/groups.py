"""Wrong implementations of parameter groups, each with the case that shows it.

Most give a backend other groups than it was asked for, which is what the mistake comes to; the rest are a framework's
own.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any
from unittest import mock

from frameworks.schedule import Constant, Scale, Schedule, Sequence
from frameworks.schedule.groups import Group, ParameterGroups


def _changed(groups: ParameterGroups, change: Callable[[Group], dict[str, Any]]) -> ParameterGroups:
    return groups.model_copy(update={
        "groups": tuple(group.model_copy(update=change(group)) for group in groups.groups)})


def _late(schedule: Schedule | None) -> Schedule | None:
    return schedule and Sequence(parts=[Constant(base_lr=schedule.lr(0)), schedule], boundaries=[1])


def multiplied_twice(groups: ParameterGroups) -> ParameterGroups:
    """The schedule is built with the multiplier in it, and the framework multiplies once more."""
    return _changed(groups, lambda group: {"lr_mult": group.lr_mult and group.lr_mult**2})


def wrong_group(groups: ParameterGroups) -> ParameterGroups:
    """Each group gets what is the next one's: groups were taken by their place, not by their name."""
    matches = [group.match for group in groups.groups]
    rotated = iter(matches[1:] + matches[:1])
    return _changed(groups, lambda group: {"match": next(rotated)})


def own_schedule_ignored(groups: ParameterGroups) -> ParameterGroups:
    """One schedule for all."""
    return _changed(groups, lambda group: {"schedule": None})


def multiplier_ignored(groups: ParameterGroups) -> ParameterGroups:
    return _changed(groups, lambda group: {"lr_mult": None})


def momentum_late(groups: ParameterGroups) -> ParameterGroups:
    """Momenta are written after the update that they are for."""
    late = _changed(groups, lambda group: {"momentum": _late(group.momentum)})
    return late.model_copy(update={"momentum": _late(groups.momentum)})


def decay_late(groups: ParameterGroups) -> ParameterGroups:
    late = _changed(groups, lambda group: {"weight_decay": _late(group.weight_decay)})
    return late.model_copy(update={"weight_decay": _late(groups.weight_decay)})


def decay_multiplied_again(groups: ParameterGroups) -> ParameterGroups:
    """The multiplier is applied to the decay, beside the rate that it is coupled to."""
    return _changed(groups, lambda group: {} if group.lr_mult is None else {
        "weight_decay": Scale(by=group.lr_mult, of=group.weight_decay or groups.weight_decay)})


def decay_not_multiplied(groups: ParameterGroups) -> ParameterGroups:
    """The decay is coupled to the default rate, not to the group's."""
    return _changed(groups, lambda group: {} if not group.lr_mult else {
        "weight_decay": Scale(by=1 / group.lr_mult, of=group.weight_decay or groups.weight_decay)})


def decay_of_biases(groups: ParameterGroups) -> ParameterGroups:
    """A decay of 0 is taken for none, so that the one for all holds."""
    return _changed(groups, lambda group: {"weight_decay": None})


#: What is built instead, and the case that shows it.
BROKEN: dict[str, tuple[Callable[[ParameterGroups], ParameterGroups], str]] = {
    "multiplied_twice": (multiplied_twice, "multipliers"),
    "wrong_group": (wrong_group, "own_schedules"),
    "own_schedule_ignored": (own_schedule_ignored, "own_schedules"),
    "multiplier_ignored": (multiplier_ignored, "multipliers"),
    "momentum_late": (momentum_late, "momenta"),
    "decay_late": (decay_late, "decays"),
    "decay_multiplied_again": (decay_multiplied_again, "decays"),
    "decay_not_multiplied": (decay_not_multiplied, "decays"),
    "decay_of_biases": (decay_of_biases, "no_decay_of_biases"),
}


#: The case that shows each mistake, for those that are not in BROKEN too.
SHOWS = {name: case for name, (_, case) in BROKEN.items()} | {
    "not_loaded": "everything", "decay_in_the_gradient": "everything", "zero_as_it_is": "momenta_through_zero"}


def of(framework: str) -> list[str]:
    """Return the names of a framework's wrong implementations."""
    own = "decay_in_the_gradient" if framework == "tensorflow" else "zero_as_it_is"
    return [*BROKEN, "not_loaded", own]


def as_it_is(framework: str) -> Any:
    """While it lasts, Gluon and torch are given a momentum of 0 as 0: their SGD leaves its state as it was."""
    return mock.patch(f"frameworks.{framework}.groups.ZERO", 0.0)


def wrong_builds(framework: str) -> dict[str, tuple[Callable, str]]:
    """Return what is called instead of `build_groups`, and the case that shows it."""
    module = importlib.import_module(f"frameworks.{framework}.groups")
    builds = {name: (lambda groups, network, change=change: module.build_groups(change(groups), network), case)
              for name, (change, case) in BROKEN.items()}
    if framework == "tensorflow":
        builds["decay_in_the_gradient"] = _coupled(module), SHOWS["decay_in_the_gradient"]
    return builds


def _coupled(module: Any) -> Callable:
    """Keras' decay is added to the gradient, as torch and Gluon do, and so gets into the velocity."""
    class DecayInTheGradient(module.Grouped):
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            index = self._get_variable_index(variable)
            *rule, decay = self._rule_of[index]
            self._rule_of[index] = (*rule, None)
            added = gradient if decay is None else gradient + variable * decay(self.iterations)
            super().update_step(added, variable, learning_rate)
            self._rule_of[index] = (*rule, decay)

    def build(groups: ParameterGroups, network: Any) -> DecayInTheGradient:
        optimizer = DecayInTheGradient(groups)
        optimizer.build(network.trainable_variables)
        return optimizer

    return build
