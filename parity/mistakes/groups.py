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
from parity.mistakes.record import Mistake

Change = Callable[[ParameterGroups], ParameterGroups]


#: By id. `make` changes the groups that a back end is given; without one, the gate does what the effect says.
GROUPS: dict[str, Mistake] = {}


def _add(name: str, effect: str, where: str, make: Change | None = None) -> None:
    found = Mistake(name, "groups", effect, make=make, where=where)
    GROUPS[found.id] = found


def _each(change: Callable[[Group], dict[str, Any]]) -> Change:
    """Change each group."""
    return lambda groups: groups.model_copy(update={
        "groups": tuple(group.model_copy(update=change(group)) for group in groups.groups)})


def _late(schedule: Schedule | None) -> Schedule | None:
    return schedule and Sequence(parts=[Constant(base_lr=schedule.lr(0)), schedule], boundaries=[1])


def _later(field: str) -> Change:
    late = _each(lambda group: {field: _late(getattr(group, field))})
    return lambda groups: late(groups).model_copy(update={field: _late(getattr(groups, field))})


def _rotated(groups: ParameterGroups) -> ParameterGroups:
    matches = [group.match for group in groups.groups]
    rotated = iter(matches[1:] + matches[:1])
    return _each(lambda group: {"match": next(rotated)})(groups)


def _scaled(by: Callable[[float], float | None]) -> Change:
    """Scale the decay of a group by what a function makes of its multiplier, unless that is None."""
    def change(groups: ParameterGroups) -> ParameterGroups:
        def scaled(group: Group) -> dict[str, Any]:
            share = None if group.lr_mult is None else by(group.lr_mult)
            decay: Any = group.weight_decay or groups.weight_decay  # Scale refuses None
            return {} if share is None else {"weight_decay": Scale(by=share, of=decay)}

        return _each(scaled)(groups)

    return change


_add("multiplied twice", "the schedule is built with the multiplier in it, and the framework multiplies once more",
     "multipliers", _each(lambda group: {"lr_mult": group.lr_mult and group.lr_mult**2}))
_add("wrong group", "each group gets what is the next one's: groups were taken by their place, not by their name",
     "own_schedules", _rotated)
_add("own schedule ignored", "one schedule for all", "own_schedules", _each(lambda group: {"schedule": None}))
_add("multiplier ignored", "one rate for all", "multipliers", _each(lambda group: {"lr_mult": None}))
_add("momentum late", "momenta are written after the update that they are for", "momenta", _later("momentum"))
_add("decay late", "decays are written after the update that they are for", "decays", _later("weight_decay"))
_add("decay multiplied again", "the multiplier is applied to the decay, beside the rate that it is coupled to",
     "decays", _scaled(lambda by: by))
_add("decay not multiplied", "the decay is coupled to the default rate, not to the group's", "decays",
     _scaled(lambda by: 1 / by if by else None))
_add("decay of biases", "a decay of 0 is taken for none, so that the one for all holds", "no_decay_of_biases",
     _each(lambda group: {"weight_decay": None}))
_add("not loaded", "a checkpoint without the state of the optimizer", "everything")
_add("decay in the gradient", "in Keras: the decay is added to the gradient, and so gets into the velocity",
     "everything")
_add("zero as it is", "in Gluon and torch: a momentum of 0, for which their SGD leaves its state as it was",
     "momenta_through_zero")


def of(framework: str) -> list[str]:
    """Return the ids of a framework's wrong implementations."""
    others = "zero_as_it_is" if framework == "tensorflow" else "decay_in_the_gradient"
    return [name for name in GROUPS if name != others]


def as_it_is(framework: str) -> Any:
    """While it lasts, Gluon and torch are given a momentum of 0 as 0: their SGD leaves its state as it was."""
    return mock.patch(f"frameworks.{framework}.groups.ZERO", 0.0)


def wrong_builds(framework: str) -> dict[str, tuple[Callable, str]]:
    """Return what is called instead of `build_groups`, and the case that shows it."""
    module = importlib.import_module(f"frameworks.{framework}.groups")
    builds = {name: (lambda groups, network, change=one.make: module.build_groups(change(groups), network), one.where)
              for name, one in GROUPS.items() if one.make}
    if framework == "tensorflow":
        builds["decay_in_the_gradient"] = _coupled(module), GROUPS["decay_in_the_gradient"].where
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
