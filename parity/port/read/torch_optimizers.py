"""Reads the initial rate of a torch scheduler's optimizer: from the constructor, or from --lr.

Source: torch 2.14, torch/optim.
"""

from __future__ import annotations

from typing import Any

from parity.port.read.arguments import Context, check_number
from parity.port.read.hints import check_option
from parity.port.read.literal import Call, Name, PortError

#: The optimizers of torch and their default rates. The rate is their second argument.
DEFAULT_RATES = {
    "ASGD": 0.01, "Adadelta": 1.0, "Adafactor": 0.01, "Adagrad": 0.01, "Adam": 0.001, "AdamW": 0.001, "Adamax": 0.002,
    "LBFGS": 1, "Muon": 0.001, "NAdam": 0.002, "RAdam": 0.001, "RMSprop": 0.01, "Rprop": 0.01, "SGD": 0.001,
    "SparseAdam": 0.001}
_COMMON = "foreach maximize differentiable"
_ADAM = f"betas eps weight_decay {_COMMON} capturable"
_OPTIONS = {
    "ASGD": f"lambd alpha t0 weight_decay {_COMMON} capturable",
    "Adadelta": f"rho eps weight_decay {_COMMON} capturable",
    "Adafactor": "beta2_decay eps d weight_decay foreach maximize",
    "Adagrad": f"lr_decay weight_decay initial_accumulator_value eps {_COMMON} fused",
    "Adam": f"{_ADAM} amsgrad fused decoupled_weight_decay", "AdamW": f"{_ADAM} amsgrad fused", "Adamax": _ADAM,
    "LBFGS": "max_iter max_eval tolerance_grad tolerance_change history_size line_search_fn maximize",
    "Muon": "weight_decay momentum nesterov ns_coefficients eps ns_steps adjust_lr_fn",
    "NAdam": f"{_ADAM} momentum_decay decoupled_weight_decay", "RAdam": f"{_ADAM} decoupled_weight_decay",
    "RMSprop": f"alpha eps weight_decay momentum centered {_COMMON} capturable",
    "Rprop": f"etas step_sizes {_COMMON} capturable",
    "SGD": f"momentum dampening weight_decay nesterov {_COMMON} fused", "SparseAdam": "betas eps maximize"}
#: The arguments of each optimizer besides params and lr.
OPTIONS = {name: tuple(text.split()) for name, text in _OPTIONS.items()}


def find_initial_rate(c: Context, optimizer: Any, last_epoch: Any) -> float:
    """Return the initial rate of the optimizer. Raises PortError if it is missing, or last_epoch is not -1."""
    check_optimizer(optimizer)
    if last_epoch != -1:
        raise PortError("last_epoch must be -1: with another value the rates depend on the optimizer's current rate")
    written = read_rate(optimizer) if isinstance(optimizer, Call) else None
    if written is None:
        if c.lr is None:
            raise PortError("the rate that the optimizer was made with is needed: --lr")
        return check_number("lr", c.lr)
    if c.lr is not None and c.lr != written:
        raise PortError(f"{optimizer.name} is made with the rate {written:g}, but --lr is {c.lr:g}")
    return written


def check_optimizer(optimizer: Any) -> None:
    """Raise PortError if the first argument is not an optimizer, since it is easily forgotten."""
    if not isinstance(optimizer, Call | Name):
        raise PortError(f"optimizer must be the optimizer, or a name such as optimizer, got {optimizer!r}")


def check_shared_optimizer(optimizer: Any, schedulers: list[Call]) -> None:
    """Raise PortError for an optimizer that is written out where several schedulers must share it."""
    inner = [call.keywords.get("optimizer", call.arguments[0] if call.arguments else None) for call in schedulers]
    for each in (optimizer, *inner):
        if isinstance(each, Call):
            raise PortError(f"all schedulers must have the same optimizer: give it a name, such as optimizer, and its "
                            f"rate with --lr; each optimizer that is written out is a different one, got {each!r}")


def read_rate(optimizer: Call) -> float | None:
    """Return the rate in a call, or the optimizer's default; None if it is unknown."""
    known = optimizer.name in DEFAULT_RATES
    if known:
        for option in optimizer.keywords:
            check_option(optimizer.name, option, ("params", "lr", *OPTIONS[optimizer.name]), "torch")
    given: Any = DEFAULT_RATES.get(optimizer.name)
    if known and len(optimizer.arguments) > 1:
        given = optimizer.arguments[1]
    given = optimizer.keywords.get("lr", given)
    params = optimizer.keywords.get("params", optimizer.arguments[0] if optimizer.arguments else None)
    if isinstance(params, list) and params and all(isinstance(group, dict) for group in params):
        rates = list(dict.fromkeys(group.get("lr", given) for group in params))
        if len(rates) > 1:
            raise PortError(f"{optimizer.name} has parameter groups with the rates {', '.join(map(repr, rates))}: port "
                            "each with --lr, or specify them together as frameworks/GROUPS.md shows")
        [given] = rates
    return None if given is None or isinstance(given, Name) else check_number("lr", given)
