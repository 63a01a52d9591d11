"""What torch's SequentialLR and ChainedScheduler cannot be made of, though torch takes it: it applies other rates.

Source: torch 2.14, torch/optim/lr_scheduler.py.
"""

from __future__ import annotations

from parity.port.read.arguments import bound
from parity.port.read.literal import Call, PortError
from parity.port.read.torch_cycles import cosine_annealing_lr

#: They set the rate, whatever it is, where the others multiply it.
_SETTING = ("CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR", "SequentialLR")
#: Where a SequentialLR takes their first step back and makes it again, they multiply in it.
_ONCE_MORE = ("ExponentialLR", "PolynomialLR", "CosineAnnealingLR")


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
