"""Parameter groups as data: which weights get another rate, momentum or weight decay than the others.

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
>>> groups.assigned(["body.weight", "body.bias", "head.weight", "head.bias"])
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
from frameworks.schedule.mistakes import short
from frameworks.schedule.model import Model, SpecificationError
from frameworks.schedule.union import Schedule

#: The group of every parameter that no other matches.
DEFAULT = "default"


def _named(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise PydanticCustomError("name", "must be letters, digits, _ and -")
    return name


def _below_one(momentum: Schedule) -> Schedule:
    if float(np.float32(momentum.largest)) >= 1:
        raise PydanticCustomError(
            "momentum", "must stay below 1 in float32, may reach {largest}", {"largest": momentum.largest})
    return momentum


#: A schedule whose numbers are momenta: from 0 to below 1.
Momentum = Annotated[Schedule, AfterValidator(_below_one)]
Text = Annotated[str, Strict()]
Name = Annotated[Text, AfterValidator(_named)]
Patterns = Annotated[Items[Annotated[Text, Field(min_length=1)]], Listed, Filled]


class Resolved(NamedTuple):
    """What holds for the parameters of one group; None is what nobody has said."""

    name: str
    schedule: Schedule
    lr_mult: float | None
    momentum: Schedule | None
    weight_decay: Schedule | None


class Group(Model):
    """Some parameters, by name, and what is different for them.

    name: letters, digits, _ and -; not "default". match: patterns of parameter names, as in a shell (`*`, `?`, `[ab]`),
    upper and lower case being different. lr_mult: a number, 0 or more, that multiplies the default schedule's rate; or
    schedule: one of its own. momentum, weight_decay: schedules of its own, in place of the ones for all.
    """

    name: Name
    match: Patterns
    lr_mult: Rate | None = None
    schedule: Schedule | None = None
    momentum: Momentum | None = None
    weight_decay: Schedule | None = None

    @field_validator("schedule")
    @classmethod
    def _one_of_two(cls, schedule: Schedule | None, info: ValidationInfo) -> Schedule | None:
        if schedule is not None and info.data.get("lr_mult") is not None:
            raise PydanticCustomError("one_of_two", "must not stand beside lr_mult, which multiplies the default one")
        return schedule


class ParameterGroups(Model):
    """A schedule for all parameters, and groups of them for which something is different.

    A parameter belongs to the first group that has a pattern matching its name, or else to "default".

    with lr_mult:          rate(t) = float32(float32(schedule.lr(t)) * lr_mult)
    with its own schedule: rate(t) = float32(own.lr(t))
    otherwise:             rate(t) = float32(schedule.lr(t))

    momentum, weight_decay: schedules whose "rates" are momenta (below 1) and decays, for every group that has none of
    its own; what nobody says is left to the optimizer. Update `t` uses the momentum and the weight decay of `t`, as
    float32. What a decay does to a weight, and whether the rate multiplies it, is the optimizer's: see
    frameworks/GROUPS.md. Sources: torch.optim's parameter groups, Gluon's `Parameter.lr_mult`.
    """

    schedule: Schedule
    momentum: Momentum | None = None
    weight_decay: Schedule | None = None
    groups: Annotated[Items[Group], Listed] = ()

    @field_validator("groups")
    @classmethod
    def _consistent(cls, groups: tuple[Group, ...], info: ValidationInfo) -> tuple[Group, ...]:
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

    def resolved(self) -> tuple[Resolved, ...]:
        """Return what holds for each group, the default one first."""
        return Resolved(DEFAULT, self.schedule, None, self.momentum, self.weight_decay), *(
            Resolved(group.name, group.schedule or self.schedule, group.lr_mult, group.momentum or self.momentum,
                     group.weight_decay or self.weight_decay) for group in self.groups)

    def rates(self, t: int) -> dict[str, float]:
        """Return the rate that each group's weights get at the update that `t` updates precede, rounded to float32."""
        rates = {}
        for group in self.resolved():
            rate = np.float32(group.schedule.lr(t))
            rates[group.name] = float(rate if group.lr_mult is None else np.float32(float(rate) * group.lr_mult))
        return rates

    def momenta(self, t: int) -> dict[str, float]:
        """Return the momentum of each group that has one, rounded to float32."""
        return {group.name: float(np.float32(group.momentum.lr(t)))
                for group in self.resolved() if group.momentum is not None}

    def weight_decays(self, t: int) -> dict[str, float]:
        """Return the weight decay of each group that has one, rounded to float32."""
        return {group.name: float(np.float32(group.weight_decay.lr(t)))
                for group in self.resolved() if group.weight_decay is not None}

    def assigned(self, names: Iterable[str]) -> dict[str, list[str]]:
        """Return which of a network's parameters belong to which group, in the order of `resolved`.

        Raises SpecificationError, with one line for each pattern that matches none, and for each group whose parameters
        all belong to earlier ones.
        """
        names = list(names)
        found: dict[str, list[str]] = {group.name: [] for group in self.resolved()}
        for name in names:
            first = (group for group in self.groups if any(fnmatchcase(name, pattern) for pattern in group.match))
            found[next((group.name for group in first), DEFAULT)].append(name)
        mistakes = []
        for index, group in enumerate(self.groups):
            none = [i for i, pattern in enumerate(group.match)
                    if not any(fnmatchcase(name, pattern) for name in names)]
            mistakes += [f"groups[{index}].match[{i}]: must match a parameter{_nearest(group.match[i], names)}, "
                         f"got {short(group.match[i])}" for i in none]
            if not none and not found[group.name]:
                mistakes.append(f"groups[{index}].match: every parameter that it matches belongs to an earlier group, "
                                f"got {short(group.match)}")
        if mistakes:
            raise SpecificationError(mistakes)
        return found


def _nearest(pattern: str, names: list[str]) -> str:
    """Return the part of a sentence that tells the names most like a pattern."""
    near = difflib.get_close_matches(pattern.replace("*", ""), names, n=3, cutoff=0)
    return f"; the nearest are {', '.join(map(repr, near))}" if near else "; the network has none"
