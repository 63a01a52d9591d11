"""Combines the parts of torch's SequentialLR and ChainedScheduler, and refuses parts that no schedule expresses.

In a chain, each scheduler multiplies the rate by the change of its factor. torch accepts the parts that are refused
here, but applies other rates. Source: torch 2.14, torch/optim/lr_scheduler.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from frameworks.schedule import Constant, Polynomial, Product, Schedule, Sequence
from parity.port.read.arguments import Context, bind_arguments
from parity.port.read.literal import Call, Name, PortError
from parity.port.read.torch_cycles import read_cosine_annealing_lr

#: Schedulers that set the rate; the others multiply it.
_SETTING = ("CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR", "SequentialLR", "SWALR")
#: Schedulers that multiply once more where a SequentialLR takes their first step back and repeats it.
_ONCE_MORE = ("ExponentialLR", "PolynomialLR", "CosineAnnealingLR")
#: The place of total_iters among the arguments.
_POSITIONS = {"ConstantLR": 2, "LinearLR": 3, "PolynomialLR": 1}


def list_calls(schedulers: Any) -> list[Call]:
    """Return the constructors in a list. Raises PortError for anything else."""
    listed = isinstance(schedulers, list | tuple)
    if not listed or not schedulers or not all(isinstance(item, Call) for item in schedulers):
        named = any(isinstance(item, Name) for item in (schedulers if listed else [schedulers]))
        raise PortError("schedulers must be a list of their constructors" + (", written out" if named else ""))
    return list(schedulers)


def check_sequence(calls: list[Call], asked: list[Call], *, is_same: bool = False) -> None:
    """Raise PortError for parts of a SequentialLR that do not restart at its milestone.

    calls: all parts. asked: those that are applied at some update. is_same: whether a OneCycleLR that comes first
    begins at the optimizer's rate, from which the others start (default: False).
    """
    for index, part in enumerate(calls):
        if part.name == "SWALR" and len(calls) > 1:
            raise PortError("SWALR counts its steps itself and is read alone only")
        last = index + 1 == len(calls)
        overwrites = part.name == "OneCycleLR" and len(calls) > 1 and (index or not is_same)
        if overwrites or (part.name == "CyclicLR" and not last):
            raise PortError(f"{part.name} overwrites the rate from which the others start")
    for index, part in enumerate(asked):
        if part.name == "SequentialLR":
            raise PortError("nested SequentialLR is not supported: torch steps the inner one once too often when it is "
                            "built, and it cannot follow a milestone")
        if part.name == "ChainedScheduler" and index:
            raise PortError("a ChainedScheduler cannot follow a milestone: torch raises NotImplementedError")
        if index and part.name in _POSITIONS:
            place = _POSITIONS[part.name]
            total = part.keywords.get("total_iters", part.arguments[place] if len(part.arguments) > place else None)
            if part.name == "ConstantLR" and total == 0:
                raise PortError("a ConstantLR with total_iters=0 multiplies only if it is the first")
            if total == 0:
                raise PortError(f"a {part.name} with total_iters=0 cannot follow a milestone: torch raises "
                                "ZeroDivisionError there")


def check_first_chain(schedulers: list[Call]) -> None:
    """Raise PortError for a chain at the start of a SequentialLR that torch steps once too often."""
    for call in schedulers:
        if call.name in _ONCE_MORE:
            raise PortError(f"{call.name} in a ChainedScheduler that comes first multiplies once more, before the "
                            "first update")


def check_chain(schedulers: list[Call], constant_until: float) -> None:
    """Raise PortError for a chain whose rates are not the product of its factors: a part sets the rate.

    schedulers: the parts. constant_until: the update from which the factors of all others are 1.
    """
    if len(schedulers) < 2:
        return
    for call in schedulers:
        if call.name in _SETTING:
            raise PortError(f"{call.name} sets the rate, so that what is chained before it has no effect")
        if call.name == "CosineAnnealingLR":
            given = bind_arguments(call, read_cosine_annealing_lr)
            if given["eta_min"] != 0 or constant_until > given["T_max"]:
                raise PortError("CosineAnnealingLR multiplies the rate only if eta_min is 0, and until T_max: the "
                                "others must be over by then")


def flatten_chain(calls: list[Call], reader: Callable[..., Schedule]) -> Iterator[Call]:
    """Yield the schedulers of a chain, and those of chains inside it."""
    for call in calls:
        if call.name == "ChainedScheduler":
            yield from flatten_chain(list_calls(bind_arguments(call, reader)["schedulers"]), reader)
        else:
            yield call


def read_product(c: Context, calls: list[Call]) -> Product:
    """Return the product of the first scheduler, read with the optimizer's rate, and the others, read with rate 1."""
    shares = [c.share(call) for call in calls]
    cosines = sum(call.name == "CosineAnnealingLR" for call in calls)
    ends = [_find_end(share) for call, share in zip(calls, shares) if call.name != "CosineAnnealingLR"]
    check_chain(calls, max(ends, default=0) if cosines < 2 else math.inf)
    return Product(of=[c.inner(calls[0]), *shares[1:]])


def _find_end(share: Schedule) -> float:
    """Return the update from which a share is 1, infinity without such an update."""
    if share == Constant(base_lr=1.0):
        return 0
    last = share.parts[-1] if isinstance(share, Sequence) else share
    ends = isinstance(last, Constant | Polynomial) and last.lr(last.horizon) == 1
    return share.horizon if ends else math.inf
