"""Defines mistakes with parameter groups, each with the case that shows it.

Most are made by passing changed groups to a back end. The others depend on the framework.
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


#: By id. `make` changes the groups that a back end gets; without `make`, the gate makes the mistake.
GROUPS: dict[str, Mistake] = {}


def _add(name: str, effect: str, where: str, make: Change | None = None) -> None:
    mistake = Mistake(name, "groups", effect, make=make, where=where)
    GROUPS[mistake.id] = mistake


def _change_each(change: Callable[[Group], dict[str, Any]]) -> Change:
    """Return a change of groups that changes the fields of each group."""
    return lambda groups: groups.model_copy(update={
        "groups": tuple(group.model_copy(update=change(group)) for group in groups.groups)})


def _delay_schedule(schedule: Schedule | None) -> Schedule | None:
    return schedule and Sequence(parts=[Constant(base_lr=schedule.lr(0)), schedule], boundaries=[1])


def _delay_field(field: str) -> Change:
    late = _change_each(lambda group: {field: _delay_schedule(getattr(group, field))})
    return lambda groups: late(groups).model_copy(update={field: _delay_schedule(getattr(groups, field))})


def _rotate_matches(groups: ParameterGroups) -> ParameterGroups:
    matches = [group.match for group in groups.groups]
    rotated = iter(matches[1:] + matches[:1])
    return _change_each(lambda group: {"match": next(rotated)})(groups)


def _scale_decays(by: Callable[[float], float | None]) -> Change:
    """Scale the weight decay of each group by a function of its multiplier, unless it returns None."""
    def change(groups: ParameterGroups) -> ParameterGroups:
        def scale(group: Group) -> dict[str, Any]:
            share = None if group.lr_mult is None else by(group.lr_mult)
            decay: Any = group.weight_decay or groups.weight_decay  # Scale refuses None
            return {} if share is None else {"weight_decay": Scale(by=share, of=decay)}

        return _change_each(scale)(groups)

    return change


_add("multiplied twice",
     "the schedule contains the multiplier, and the framework applies it again: the rate of the group is multiplied "
     "twice; apply it once",
     "multipliers", _change_each(lambda group: {"lr_mult": group.lr_mult and group.lr_mult**2}))
_add("wrong group",
     "groups are matched by position, not by name: each group gets the settings of the next one; match by name",
     "own_schedules", _rotate_matches)
_add("own schedule ignored",
     "the schedule of a group is ignored: all groups get the same rate; give the schedule to its group",
     "own_schedules", _change_each(lambda group: {"schedule": None}))
_add("multiplier ignored",
     "the multiplier of a group is ignored: all groups get the same rate; apply the multiplier",
     "multipliers", _change_each(lambda group: {"lr_mult": None}))
_add("momentum late",
     "the momentum is set after the update that it is for: each value comes one update late; set it first",
     "momenta", _delay_field("momentum"))
_add("decay late",
     "the weight decay is set after the update that it is for: each value comes one update late; set it first",
     "decays", _delay_field("weight_decay"))
_add("decay multiplied again",
     "the multiplier is applied to the weight decay and to the rate that multiplies it: the decay is multiplied twice; "
     "apply it to the rate only",
     "decays", _scale_decays(lambda by: by))
_add("decay not multiplied",
     "the weight decay is multiplied by the default rate, not by the rate of the group; use the rate of the group",
     "decays", _scale_decays(lambda by: 1 / by if by else None))
_add("decay of biases",
     "a weight decay of 0 is treated as not given: the biases get the decay of all parameters; compare with None",
     "no_decay_of_biases", _change_each(lambda group: {"weight_decay": None}))
_add("not loaded",
     "the checkpoint does not contain the state of the optimizer: momentum and counts start again; save it too",
     "everything")
_add("decay in the gradient",
     "in Keras: the weight decay is added to the gradient and so enters the velocity; subtract it from the weight",
     "everything")
_add("zero as it is",
     "in Gluon and torch: SGD does not change its state in updates with momentum 0, and later continues from the old "
     "state; set the smallest positive momentum",
     "momenta_through_zero")


def list_mistake_ids(framework: str) -> list[str]:
    """Return the ids of the mistakes that can be made with a framework."""
    others = "zero_as_it_is" if framework == "tensorflow" else "decay_in_the_gradient"
    return [name for name in GROUPS if name != others]


def as_it_is(framework: str) -> Any:
    """Return a patch that passes a momentum of 0 to Gluon or torch as 0, so that their SGD keeps its old state."""
    return mock.patch(f"frameworks.{framework}.groups.ZERO", 0.0)


def list_wrong_builds(framework: str) -> dict[str, tuple[Callable, str]]:
    """Return, by id, a function to call instead of `build_groups`, and the case that shows the mistake."""
    module = importlib.import_module(f"frameworks.{framework}.groups")
    builds = {name: (lambda groups, network, change=mistake.make: module.build_groups(change(groups), network),
                     mistake.where) for name, mistake in GROUPS.items() if mistake.make}
    if framework == "tensorflow":
        builds["decay_in_the_gradient"] = _build_coupled(module), GROUPS["decay_in_the_gradient"].where
    return builds


def _build_coupled(module: Any) -> Callable:
    """Return a build function for Keras that adds the decay to the gradient, as torch and Gluon do."""
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
