"""What a known mistake is: one record, whatever it is made with. All of them are in `catalogue`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_type_hints

from frameworks.schedule import Schedule

GITHUB = "https://github.com"
KERAS = "https://keras.io/api/optimizers/learning_rate_schedules"
TORCH = "https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler"
#: What a mistake is about; the last five are of no schedule, but of what trains with it.
Family = Literal["counting", "clock", "range", "precision", "state", "native", "optimizer", "training", "groups",
                 "plateau"]
#: Wrong schedules, each with what happened: a sentence about {this} side, which makes the mistake, and {that}, which
#: does not.
Changed = Iterator[tuple[Schedule, str]]


@dataclass(frozen=True)
class About:
    """What is known when a mistake is made.

    rates: what may be another base rate, or a floor.
    wanted: of some updates, the lowest and the highest rate that is looked for (default: any).
    """

    rates: tuple[float, ...] = (0.01,)
    wanted: tuple[tuple[int, float, float], ...] = ()


@dataclass(frozen=True)
class Mistake:
    """A mistake that people make.

    name: a few words, as `explain` says them.
    family: what it is about.
    effect: what is done, in one sentence.
    link: where that happened, or where it is described ("": not reported).
    make: how it is made. Of a schedule and About: the wrong schedules, with a sentence each. Of other families: as
        their modules say.
    kinds: the kinds of schedules that it is made with, anywhere inside others.
    searched: whether `explain` makes it to see whether it gives some rates.
    read: a file, and words in it, that say more.
    where: of other families, where it shows: a law, or a case.
    at: and at which update, where that was measured and is not computed.
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
        """The name in small letters, digits and _, as in flags and in the ids of the gate's tests."""
        return re.sub(r"\W+", "_", self.name.replace("warm-up", "warmup").lower())


def mistake(name: str, family: Family, effect: str, link: str = "", **more: Any) -> Callable[..., Any]:
    """Register the function below in its module's MISTAKES: it makes the mistake with the kinds of its annotation."""
    def register(make: Callable[..., Changed]) -> Callable[..., Changed]:
        function = getattr(make, "func", make)
        kind = get_type_hints(function)["s"]
        found = Mistake(name, family, effect, link, make, get_args(kind) or (kind,), **more)
        function.__globals__["MISTAKES"].append(found)
        return make

    return register
