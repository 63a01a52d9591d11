"""Records the rates that any optimizer of PyTorch applies, in any loop.

    from frameworks.torch import assert_applied, record
    with record(optimizer) as rates:
        train(net, optimizer, scheduler, batches)
    assert_applied(rates, schedule)
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_post_hook

from frameworks.record import Rates
from frameworks.record_rows import RecordError
from frameworks.recorded import OTHER, begin

#: A parameter with its values and its gradient before an update; None if the group has no gradient.
Before = tuple[Tensor, Tensor, Tensor] | None


def record(optimizer: Optimizer, file: str | Path | None = None, *, start: int = 0, measure: bool = False) -> Rates:
    """Record the rates that an optimizer applies, from now on until the returned object is closed.

    Each `step()` of the optimizer gives a row: the rate of each parameter group when the step ends, before a scheduler
    changes it. An update that a GradScaler skips has no row. A rate in a tensor of a GPU is waited for.

    optimizer: the optimizer, or one that wraps it, such as accelerate's.
    file: path of a file, .csv or .jsonl, to which rows are written during the training (default: None, memory).
    start: number of updates already made (default: 0); with more than 0 the file is continued.
    measure: whether to compute the rate from the weights too, of the smallest parameter of each group; only for SGD
        without momentum, weight decay and closure (default: no).

    Raises RecordError if the optimizer is being recorded, if it cannot be measured, or if the file cannot be used.
    Raises TypeError if it is not an optimizer.
    """
    inner = _unwrap(optimizer)
    if measure:
        _check_measurable(inner)
    rates = begin(inner, file, start)
    _attach(inner, rates, measure=measure)
    return rates


def _attach(optimizer: Optimizer, rates: Rates, *, measure: bool) -> None:
    before: list[Before] = []

    def remember(_: Optimizer, args: Any, kwargs: Any) -> None:
        before[:] = [_copy_smallest(group["params"]) for group in optimizer.param_groups]

    def note(_: Optimizer, args: Any, kwargs: Any) -> None:
        if not _is_skipped(optimizer):
            applied = [float(group["lr"]) for group in optimizer.param_groups]
            rates.add(applied, [_measure(copy, rate, group) for copy, rate, group in
                                zip(before, applied, optimizer.param_groups)] if measure else ())

    def notice_other(other: Optimizer, args: Any, kwargs: Any) -> None:
        if id(other) not in known:
            known.add(id(other))
            own = {id(weight) for group in optimizer.param_groups for weight in group["params"]}
            if any(id(weight) in own for group in other.param_groups for weight in group["params"]):
                warnings.warn(OTHER.format(rates.updates, type(other).__name__), RuntimeWarning, stacklevel=2)

    known = {id(optimizer)}
    rates.attach(register_optimizer_step_post_hook(notice_other).remove)
    hook = optimizer.register_step_post_hook(note)
    hooks: Any = optimizer._optimizer_step_post_hooks
    hooks.move_to_end(hook.id, last=False)  # before one that steps a scheduler
    rates.attach(hook.remove)
    if measure:
        rates.attach(optimizer.register_step_pre_hook(remember).remove)


def _unwrap(optimizer: Any) -> Optimizer:
    """Return the optimizer of torch inside those that wrap it. Raises TypeError."""
    inner = optimizer
    while not (isinstance(inner, Optimizer) and hasattr(inner, "_optimizer_step_post_hooks")):
        inner = getattr(inner, "optimizer", None)
        if inner is None:
            raise TypeError(f"optimizer must be a torch.optim.Optimizer, got {type(optimizer).__name__}")
    return inner


def _is_skipped(optimizer: Optimizer) -> bool:
    """Return whether a GradScaler lets a fused optimizer itself skip the update, for gradients that are not finite."""
    found_inf = getattr(optimizer, "found_inf", None)
    return found_inf is not None and bool(found_inf)


def _check_measurable(optimizer: Optimizer) -> None:
    if type(optimizer) is not torch.optim.SGD:
        raise RecordError(f"measure needs torch.optim.SGD, whose update is rate times gradient, got "
                          f"{type(optimizer).__name__}")
    for index, group in enumerate(optimizer.param_groups):
        for option in ("momentum", "weight_decay", "fused"):  # fused: a GradScaler leaves the gradients scaled
            if group[option]:
                raise RecordError(f"measure needs an SGD without {option}: it must be 0 in param_groups[{index}], got "
                                  f"{group[option]!r}")


def _copy_smallest(parameters: list[Tensor]) -> Before:
    """Copy values and gradient of the smallest parameter that has a gradient."""
    trained = [(parameter, parameter.grad) for parameter in parameters
               if parameter.grad is not None and parameter.numel()]
    if not trained:
        return None
    parameter, gradient = min(trained, key=lambda pair: pair[0].numel())
    return parameter, parameter.detach().clone(), gradient.detach().clone()


def _measure(before: Before, rate: float, group: dict[str, Any]) -> float | None:
    """Return the rate if it gives the new weights bit for bit, else what the largest gradient shows; None for 0."""
    if before is None or not before[2].any():
        return None
    parameter, values, gradient = before
    signed = -gradient if group["maximize"] else gradient
    if torch.equal(values.add(signed, alpha=-rate), parameter.detach()):
        return rate
    largest = signed.abs().argmax()
    change = (values - parameter.detach()).flatten()[largest].double()
    return float(change / signed.flatten()[largest].double())
