"""torch's SequentialLR and ChainedScheduler: what they make of their parts, and the parts that no schedule expresses.

Chained, each scheduler multiplies the rate by the factor by which its own has changed. torch takes the parts that are
refused here, but applies other rates. Source: torch 2.14, torch/optim/lr_scheduler.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from frameworks.schedule import Constant, Polynomial, Product, Schedule, Sequence
from parity.port.read.arguments import Context, bound
from parity.port.read.literal import Call, Name, PortError
from parity.port.read.torch_cycles import cosine_annealing_lr

#: They set the rate, whatever it is, where the others multiply it.
_SETTING = ("CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR", "SequentialLR")
#: Where a SequentialLR takes their first step back and makes it again, they multiply in it.
_ONCE_MORE = ("ExponentialLR", "PolynomialLR", "CosineAnnealingLR")


def calls_in(schedulers: Any) -> list[Call]:
    """Return the constructors in a list. Raises PortError."""
    listed = isinstance(schedulers, list | tuple)
    if not listed or not schedulers or not all(isinstance(one, Call) for one in schedulers):
        named = any(isinstance(one, Name) for one in (schedulers if listed else [schedulers]))
        raise PortError("schedulers must be a list of their constructors" + (", written out" if named else ""))
    return list(schedulers)


def sequenced(parts: list[Call]) -> None:
    """Refuse parts of a SequentialLR that do not begin anew at its milestone. Raises PortError."""
    for index, part in enumerate(parts):
        if part.name == "SequentialLR":
            raise PortError("one inside another is stepped once too often at first, and cannot follow a milestone")
        if part.name == "ChainedScheduler" and index:
            raise PortError("a ChainedScheduler cannot follow a milestone: torch raises NotImplementedError")
        last = index + 1 == len(parts)
        if (part.name == "OneCycleLR" and len(parts) > 1) or (part.name == "CyclicLR" and not last):
            raise PortError(f"{part.name} overwrites the rate from which the others start")
        total = part.keywords.get("total_iters", part.arguments[2] if len(part.arguments) > 2 else None)
        if part.name == "ConstantLR" and index and total == 0:
            raise PortError("a ConstantLR with total_iters=0 multiplies only if it is the first")


def chained_first(schedulers: list[Call]) -> None:
    """Refuse a chain that begins a SequentialLR and is stepped once too often at first. Raises PortError."""
    for one in schedulers:
        if one.name in _ONCE_MORE:
            raise PortError(f"{one.name} in a ChainedScheduler that comes first multiplies once more, before the first "
                            "update")


def chained(schedulers: list[Call], constant_until: float) -> None:
    """Refuse schedulers whose rates are not the product of their factors: those that set a rate, beside another.

    constant_until: the update from which the factors of all others are 1. Raises PortError.
    """
    if len(schedulers) < 2:
        return
    for one in schedulers:
        if one.name in _SETTING:
            raise PortError(f"{one.name} sets the rate, so that what is chained before it has no effect")
        if one.name == "CosineAnnealingLR":
            given = bound(one, cosine_annealing_lr)
            if given["eta_min"] != 0 or constant_until > given["T_max"]:
                raise PortError("CosineAnnealingLR multiplies the rate only if eta_min is 0, and until T_max: the "
                                "others must be over by then")


def flat(calls: list[Call], reader: Callable[..., Schedule]) -> Iterator[Call]:
    """Yield schedulers that are chained, those of chains inside the chain too."""
    for one in calls:
        if one.name == "ChainedScheduler":
            yield from flat(calls_in(bound(one, reader)["schedulers"]), reader)
        else:
            yield one


def product(c: Context, calls: list[Call]) -> Product:
    """Read the first scheduler with the optimizer's rate, and all others as shares of it: with a rate of 1."""
    shares = [c.share(one) for one in calls]
    waves = sum(one.name == "CosineAnnealingLR" for one in calls)
    ends = [_over(share) for one, share in zip(calls, shares) if one.name != "CosineAnnealingLR"]
    chained(calls, max(ends, default=0) if waves < 2 else math.inf)
    return Product(of=[c.inner(calls[0]), *shares[1:]])


def _over(share: Schedule) -> float:
    """Return the update from which a share is 1; infinity if it never is."""
    if share == Constant(base_lr=1.0):
        return 0
    last = share.parts[-1] if isinstance(share, Sequence) else share
    ends = isinstance(last, Constant | Polynomial) and last.lr(last.horizon) == 1
    return share.horizon if ends else math.inf
