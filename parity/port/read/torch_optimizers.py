"""Reads the initial rate of a torch scheduler's optimizer: from the constructor, or from --lr.

Source: torch 2.14, torch/optim.
"""

from __future__ import annotations

from typing import Any

from parity.port.read.arguments import Context, number
from parity.port.read.literal import Call, Name, PortError

#: The optimizers of torch and their default rates. The rate is their second argument.
DEFAULT_RATES = {
    "ASGD": 0.01, "Adadelta": 1.0, "Adafactor": 0.01, "Adagrad": 0.01, "Adam": 0.001, "AdamW": 0.001, "Adamax": 0.002,
    "LBFGS": 1, "Muon": 0.001, "NAdam": 0.002, "RAdam": 0.001, "RMSprop": 0.01, "Rprop": 0.01, "SGD": 0.001,
    "SparseAdam": 0.001}


def made_with(c: Context, optimizer: Any, last_epoch: Any) -> float:
    """Return the initial rate of the optimizer. Raises PortError if it is missing, or last_epoch is not -1."""
    present(optimizer)
    if last_epoch != -1:
        raise PortError("last_epoch must be -1: with another value the rates depend on the optimizer's current rate")
    written = _read_rate(optimizer) if isinstance(optimizer, Call) else None
    if written is None:
        if c.lr is None:
            raise PortError("the rate that the optimizer was made with is needed: --lr")
        return number("lr", c.lr)
    if c.lr is not None and c.lr != written:
        raise PortError(f"{optimizer.name} is made with the rate {written:g}, but --lr is {c.lr:g}")
    return written


def present(optimizer: Any) -> None:
    """Raise PortError if the first argument is not an optimizer, since it is easily forgotten."""
    if not isinstance(optimizer, Call | Name):
        raise PortError(f"optimizer must be the optimizer, or a name such as optimizer, got {optimizer!r}")


def one_for_all(optimizer: Any, schedulers: list[Call]) -> None:
    """Raise PortError for an optimizer that is written out where several schedulers must share it."""
    inner = [call.keywords.get("optimizer", call.arguments[0] if call.arguments else None) for call in schedulers]
    for each in (optimizer, *inner):
        if isinstance(each, Call):
            raise PortError(f"all schedulers must have the same optimizer: give it a name, such as optimizer, and its "
                            f"rate with --lr; each optimizer that is written out is a different one, got {each!r}")


def _read_rate(optimizer: Call) -> float | None:
    """Return the rate in a call, or the optimizer's default; None if it is unknown."""
    known = optimizer.name in DEFAULT_RATES
    given: Any = DEFAULT_RATES.get(optimizer.name)
    if known and len(optimizer.arguments) > 1:
        given = optimizer.arguments[1]
    given = optimizer.keywords.get("lr", given)
    return None if given is None or isinstance(given, Name) else number("lr", given)
