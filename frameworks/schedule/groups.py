"""Defines parameter groups: weights that get another rate, momentum or weight decay than the others.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.

>>> from frameworks.schedule import Constant, Cosine
>>> from frameworks.schedule.groups import Group, ParameterGroups
>>> groups = ParameterGroups(
...     schedule=Cosine(base_lr=0.5, updates=10), momentum=Constant(base_lr=0.875), weight_decay=Constant(base_lr=0.25),
...     groups=[Group(name="head", match=["head*"], lr_mult=2.0),
...             Group(name="biases", match=["*bias"], schedule=Constant(base_lr=1.0),
...                   weight_decay=Constant(base_lr=0.0))])
>>> groups.rates(0)
{'default': 0.5, 'head': 1.0, 'biases': 1.0}
>>> groups.weight_decays(0)
{'default': 0.25, 'head': 0.25, 'biases': 0.0}
>>> groups.assign_names(["body.weight", "body.bias", "head.weight", "head.bias"])
{'default': ['body.weight'], 'head': ['head.weight', 'head.bias'], 'biases': ['body.bias']}
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import AfterValidator, Field, Strict, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from frameworks.schedule.fields import MAX_RATE, Filled, Items, Listed, Rate
from frameworks.schedule.mistakes import shorten_value
from frameworks.schedule.model import Model, SpecificationError
from frameworks.schedule.union import Schedule

#: The name of the group of all parameters that no other group matches.
DEFAULT = "default"


def _check_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise PydanticCustomError("name", "must be letters, digits, _ and -")
    return name


def _check_below_one(momentum: Schedule) -> Schedule:
    if float(np.float32(momentum.largest)) >= 1:
        raise PydanticCustomError(
            "momentum", "must stay below 1 in float32, may reach {largest}", {"largest": momentum.largest})
    return momentum


#: A schedule whose numbers are momenta: from 0 to below 1.
Momentum = Annotated[Schedule, AfterValidator(_check_below_one)]
Text = Annotated[str, Strict()]
Name = Annotated[Text, AfterValidator(_check_name)]
Patterns = Annotated[Items[Annotated[Text, Field(min_length=1)]], Listed, Filled]


class Resolved(NamedTuple):
    """Holds the settings of one parameter group. None: not specified.

    name: the group's name.
    schedule: its rates.
    lr_mult: multiplies them, or None.
    momentum: its momenta, or None.
    weight_decay: its weight decays, or None.
    """

    name: str
    schedule: Schedule
    lr_mult: float | None
    momentum: Schedule | None
    weight_decay: Schedule | None


class Group(Model):
    """Selects some parameters by their names, and holds the settings that differ for them.

    name: letters, digits, _ and -, but not "default".
    match: one or more patterns of parameter names, as in a shell (`*`, `?`, `[ab]`); case-sensitive.
    lr_mult: multiplies the rate of the default schedule, 0 or more (default: null).
    schedule: replaces the default schedule, and excludes lr_mult (default: null).
    momentum: replaces the momentum of all groups (default: null).
    weight_decay: replaces the weight decay of all groups (default: null).
    """

    name: Name
    match: Patterns
    lr_mult: Rate | None = None
    schedule: Schedule | None = None
    momentum: Momentum | None = None
    weight_decay: Schedule | None = None

    @field_validator("schedule")
    @classmethod
    def _check_schedule(cls, schedule: Schedule | None, info: ValidationInfo) -> Schedule | None:
        if schedule is not None and info.data.get("lr_mult") is not None:
            raise PydanticCustomError("one_of_two", "must not stand beside lr_mult, which multiplies the default one")
        return schedule


class ParameterGroups(Model):
    """Applies a schedule to all parameters, and other settings to groups of them.

        with lr_mult:           rate(t) = float32(float32(schedule.lr(t)) * lr_mult)
        with another schedule:  rate(t) = float32(group.schedule.lr(t))
        otherwise:              rate(t) = float32(schedule.lr(t))

    schedule: rates of every group without another schedule.
    momentum: schedule of momenta, from 0 to below 1, for every group without another one (default: null).
    weight_decay: schedule of weight decays, 0 or more, for every group without another one (default: null).
    groups: groups with different names (default: none).

    A parameter belongs to the first group with a pattern that matches its name, or else to "default". Update `t` uses
    the momentum and the weight decay of `t`, as float32. Where they are null, the optimizer's settings stay. The
    optimizer also defines the effect of a weight decay: see frameworks/GROUPS.md.
    Source: torch.optim's parameter groups, Gluon's `Parameter.lr_mult`.
    """

    schedule: Schedule
    momentum: Momentum | None = None
    weight_decay: Schedule | None = None
    groups: Annotated[Items[Group], Listed] = ()

    @field_validator("groups")
    @classmethod
    def _check_groups(cls, groups: tuple[Group, ...], info: ValidationInfo) -> tuple[Group, ...]:
        names = [group.name for group in groups]
        if DEFAULT in names:
            raise PydanticCustomError("default", "must not name a group 'default', as the group of all others is")
        if twice := [name for name in names if names.count(name) > 1]:
            raise PydanticCustomError("twice", "must not name two groups {name}", {"name": repr(twice[0])})
        for group in groups if "schedule" in info.data else ():
            if info.data["schedule"].largest * (group.lr_mult or 0) > MAX_RATE:
                raise PydanticCustomError("largest", "must not take a rate above {limit}, as the lr_mult of {name} may",
                                          {"limit": MAX_RATE, "name": repr(group.name)})
        return groups

    def resolve_groups(self) -> tuple[Resolved, ...]:
        """Return the settings of each group, the default group first."""
        return Resolved(DEFAULT, self.schedule, None, self.momentum, self.weight_decay), *(
            Resolved(group.name, group.schedule or self.schedule, group.lr_mult, group.momentum or self.momentum,
                     group.weight_decay or self.weight_decay) for group in self.groups)

    def rates(self, t: int) -> dict[str, float]:
        """Return the rate of each group at the update that `t` updates precede, rounded to float32."""
        rates = {}
        for group in self.resolve_groups():
            rate = np.float32(group.schedule.lr(t))
            rates[group.name] = float(rate if group.lr_mult is None else np.float32(float(rate) * group.lr_mult))
        return rates

    def momenta(self, t: int) -> dict[str, float]:
        """Return the momentum of each group that has one, at update `t`, rounded to float32."""
        return {group.name: float(np.float32(group.momentum.lr(t)))
                for group in self.resolve_groups() if group.momentum is not None}

    def weight_decays(self, t: int) -> dict[str, float]:
        """Return the weight decay of each group that has one, at update `t`, rounded to float32."""
        return {group.name: float(np.float32(group.weight_decay.lr(t)))
                for group in self.resolve_groups() if group.weight_decay is not None}

    def assign_names(self, names: Iterable[str]) -> dict[str, list[str]]:
        """Return the parameters of each group, in the order of `resolve_groups`.

        names: the names of a network's parameters.

        Raises SpecificationError with one line for each pattern that matches no parameter, and for each group whose
        parameters all belong to earlier groups.
        """
        names = list(names)
        members: dict[str, list[str]] = {group.name: [] for group in self.resolve_groups()}
        for name in names:
            first = (group for group in self.groups if any(fnmatchcase(name, pattern) for pattern in group.match))
            members[next((group.name for group in first), DEFAULT)].append(name)
        mistakes = []
        for index, group in enumerate(self.groups):
            none = [i for i, pattern in enumerate(group.match)
                    if not any(fnmatchcase(name, pattern) for name in names)]
            mistakes += [f"groups[{index}].match[{i}]: must match a parameter"
                         f"{_describe_nearest(group.match[i], names)}, got {shorten_value(group.match[i])}"
                         for i in none]
            if not none and not members[group.name]:
                mistakes.append(f"groups[{index}].match: every parameter that it matches belongs to an earlier group, "
                                f"got {shorten_value(group.match)}")
        if mistakes:
            raise SpecificationError(mistakes)
        return members


def _describe_nearest(pattern: str, names: list[str]) -> str:
    """Return the end of a message: the names that are most similar to a pattern."""
    near = difflib.get_close_matches(pattern.replace("*", ""), names, n=3, cutoff=0)
    return f"; the nearest are {', '.join(map(repr, near))}" if near else "; the network has none"
