"""The rate that a torch scheduler's optimizer was made with: as it is written out inside the constructor, or --lr.

Source: torch 2.14, torch/optim.
"""

from __future__ import annotations

from typing import Any

from parity.port.read.arguments import Context, number
from parity.port.read.literal import Call, Name, PortError

#: The optimizers of torch, whose second argument is the rate, and the rate of each that is given none.
DEFAULT_RATES = {
    "ASGD": 0.01, "Adadelta": 1.0, "Adafactor": 0.01, "Adagrad": 0.01, "Adam": 0.001, "AdamW": 0.001, "Adamax": 0.002,
    "LBFGS": 1, "Muon": 0.001, "NAdam": 0.002, "RAdam": 0.001, "RMSprop": 0.01, "Rprop": 0.01, "SGD": 0.001,
    "SparseAdam": 0.001}


def made_with(c: Context, optimizer: Any, last_epoch: Any) -> float:
    """Return the rate that the optimizer was made with. Raises PortError without it."""
    present(optimizer)
    if last_epoch != -1:
        raise PortError("last_epoch must be -1: one that goes on from another depends on the rate it finds")
    written = _written(optimizer) if isinstance(optimizer, Call) else None
    if written is None:
        if c.lr is None:
            raise PortError("the rate that the optimizer was made with is needed: --lr")
        return number("lr", c.lr)
    if c.lr is not None and c.lr != written:
        raise PortError(f"{optimizer.name} is made with the rate {written:g}, but --lr says {c.lr:g}")
    return written


def present(optimizer: Any) -> None:
    """Refuse what is no optimizer, so that the other arguments stand one place too early. Raises PortError."""
    if not isinstance(optimizer, Call | Name):
        raise PortError(f"optimizer must be the optimizer, or a name such as optimizer, got {optimizer!r}")


def one_for_all(optimizer: Any, schedulers: list[Call]) -> None:
    """Refuse optimizers that are written out where several schedulers must have the same. Raises PortError."""
    inner = [one.keywords.get("optimizer", one.arguments[0] if one.arguments else None) for one in schedulers]
    for each in (optimizer, *inner):
        if isinstance(each, Call):
            raise PortError(f"all schedulers must have the same optimizer: give it a name, such as optimizer, and its "
                            f"rate with --lr; each one that is written out is another, got {each!r}")


def _written(optimizer: Call) -> float | None:
    """Return the rate that stands in the call, or that it leaves out; None if it cannot be told."""
    known = optimizer.name in DEFAULT_RATES
    given: Any = DEFAULT_RATES.get(optimizer.name)
    if known and len(optimizer.arguments) > 1:
        given = optimizer.arguments[1]
    given = optimizer.keywords.get("lr", given)
    return None if given is None or isinstance(given, Name) else number("lr", given)
