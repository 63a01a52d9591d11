"""Defines the record of a known mistake. `catalogue` has those of schedules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_type_hints

from frameworks.schedule import Schedule

GITHUB = "https://github.com"
KERAS = "https://keras.io/api/optimizers/learning_rate_schedules"
TORCH = "https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler"
#: What a mistake is about. The last five are not about schedules, but about the code that trains with them.
Family = Literal["counting", "clock", "range", "precision", "state", "native", "optimizer", "training", "groups",
                 "plateau"]
#: Changed schedules, each with a sentence about {this}, which has the mistake, and {that}, which does not have it.
Changed = Iterator[tuple[Schedule, str]]


@dataclass(frozen=True)
class About:
    """Limits of the search for a mistake.

    rates: candidates for another base rate or a floor.
    wanted: for some updates, the lowest and the highest rate that the changed schedule must have (default: any).
    """

    rates: tuple[float, ...] = (0.01,)
    wanted: tuple[tuple[int, float, float], ...] = ()


@dataclass(frozen=True)
class Mistake:
    """A known mistake.

    name: a few words, printed by `explain`.
    family: what it is about.
    effect: what goes wrong, its effect on the rates, and the fix where one is known; without a final full stop.
    link: a report or a description of it ("": not reported).
    make: makes it (default: None, it is made elsewhere). For schedules: a function of a schedule and About that yields
        changed schedules with a sentence each. For other families: see their modules.
    kinds: the kinds of schedules in which it can be made, also inside others (default: none).
    searched: whether `explain` tries it (default: True).
    read: a file with more about it, and words in that file.
    where: for other families, the law or the case that shows it.
    at: for other families, the update that shows it, where it was measured and is not computed.
    """

    name: str
    family: Family
    effect: str
    link: str = ""
    make: Callable[..., Any] | None = None
    kinds: tuple[type, ...] = ()
    searched: bool = True
    read: tuple[str, str] = ("parity/MISTAKES.md", "")
    where: str = ""
    at: int | None = None

    @property
    def id(self) -> str:
        """The name in lower case, with `_` for spaces and signs: a flag of the vectors, an id of the gate's tests."""
        return re.sub(r"\W+", "_", self.name.replace("warm-up", "warmup").lower())


def mistake(name: str, family: Family, effect: str, link: str = "", **more: Any) -> Callable[..., Any]:
    """Return a decorator that registers a mistake in the MISTAKES of its module.

    The annotation of the function's argument `s` names the kinds in which it can be made. more: other fields.
    """
    def register(make: Callable[..., Changed]) -> Callable[..., Changed]:
        function = getattr(make, "func", make)
        kind = get_type_hints(function)["s"]
        record = Mistake(name, family, effect, link, make, get_args(kind) or (kind,), **more)
        function.__globals__["MISTAKES"].append(record)
        return make

    return register
