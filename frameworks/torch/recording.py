"""Records the rates that any optimizer of PyTorch applies, in any loop.

    from frameworks.torch import assert_applied, record
    with record(optimizer) as rates:
        train(net, optimizer, scheduler, batches)
    assert_applied(rates, schedule)
"""

from __future__ import annotations

import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any
from weakref import WeakSet

from torch import Tensor
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_post_hook

from frameworks.record import Rates
from frameworks.recorded import OTHER, begin, list_inner
from frameworks.torch.measured import Before, check_measurable, copy_smallest, measure_rate

#: The warning about an optimizer that writes its rate in its step.
CHANGED = ("update {}: {} changes its rate within its step, so which one the update applied is not known and not "
           "recorded; write the rate between steps")


def record(optimizer: Optimizer, file: str | Path | None = None, *, start: int = 0, measure: bool = False) -> Rates:
    """Record the rates that an optimizer applies, from now on until the returned object is closed.

    Each `step()` of the optimizer gives a row: the rate of each parameter group when the step ends, before a scheduler
    changes it. If a custom optimizer changes its rate within its step, the row has no rate, and one warning is given.
    An update that a GradScaler skips has no row. A rate in a tensor of a GPU is waited for.

    optimizer: the optimizer, or one that wraps it, such as accelerate's: the innermost one is recorded.
    file: path of a file, .csv or .jsonl, to which rows are written during the training (default: None, memory).
    start: number of updates already made (default: 0); with more than 0 the file is continued.
    measure: whether to compute the rate from the weights too, of the smallest parameter of each group, nan if its
        gradient is 0; only for SGD without momentum, weight decay and closure (default: no).

    Raises RecordError if the optimizer is being recorded, if it cannot be measured, or if the file cannot be used.
    Raises TypeError if it is not an optimizer.
    """
    inner = _unwrap(optimizer)
    if measure:
        check_measurable(inner)
    rates = begin(inner, file, start)
    _attach(inner, rates, measure=measure)
    return rates


def _attach(optimizer: Optimizer, rates: Rates, *, measure: bool) -> None:
    before: list[Before] = []
    begun: list[float | None] = []  # the rates at the beginning of the innermost step; empty if it is noted
    warned: list[bool] = []
    is_custom = not type(optimizer).__module__.startswith("torch.optim.")

    def begin_step(_: Optimizer, args: Any, kwargs: Any) -> None:
        begun[:] = map(_read_rate, optimizer.param_groups)
        if measure:
            before[:] = [copy_smallest(group["params"]) for group in optimizer.param_groups]

    def note(_: Optimizer, args: Any, kwargs: Any) -> None:
        if is_custom and not begun:  # the end of a step around the one that was noted: of a subclass
            return
        applied = [_read_rate(group) for group in optimizer.param_groups]
        if is_custom:  # one that is equal before and after is applied; of others it is not known
            kept = [rate if rate in (first, None) or rate != rate else None for rate, first in zip(applied, begun)]
            if kept != applied[:len(kept)] and not warned:
                warned.append(True)
                warnings.warn(CHANGED.format(rates.updates, type(optimizer).__name__), RuntimeWarning, stacklevel=2)
            applied[:len(kept)] = kept
            begun.clear()
        if not _is_skipped(optimizer):
            rates.add(applied, [measure_rate(copy, rate, group) for copy, rate, group in
                                zip(before, applied, optimizer.param_groups)] if measure else ())

    def notice_other(other: Optimizer, args: Any, kwargs: Any) -> None:
        if other is optimizer or other in known:
            return
        own = set(map(id, _list_weights(optimizer)))
        known.add(other)
        if (not any(_is_wrapped(each, other) for each in set(known) - {other})
                and any(id(weight) in own for weight in _list_weights(other))):
            warnings.warn(OTHER.format(rates.updates, type(other).__name__), RuntimeWarning, stacklevel=2)

    known = WeakSet([optimizer])
    rates.attach(register_optimizer_step_post_hook(notice_other).remove)
    hook = optimizer.register_step_post_hook(note)
    hooks: Any = optimizer._optimizer_step_post_hooks
    hooks.move_to_end(hook.id, last=False)  # before one that steps a scheduler
    rates.attach(hook.remove)
    if measure or is_custom:
        rates.attach(optimizer.register_step_pre_hook(begin_step).remove)


def _read_rate(group: dict[str, Any]) -> float | None:
    """Return the rate of a parameter group; None if it has none, or one for each weight."""
    rate = group.get("lr")
    if isinstance(rate, Tensor):
        return rate.item() if rate.numel() == 1 else None
    return None if rate is None else float(rate)


def _list_weights(optimizer: Optimizer) -> list[Tensor]:
    return [weight for group in optimizer.param_groups for weight in group["params"]]


def _is_wrapped(optimizer: Optimizer, other: Optimizer) -> bool:
    """Return whether one of two optimizers wraps the other: it shares its groups or has it among its attributes."""
    groups = {id(group) for group in optimizer.param_groups}
    return (any(id(group) in groups for group in other.param_groups)
            or other in list_inner(optimizer, Optimizer) or optimizer in list_inner(other, Optimizer))


def _unwrap(optimizer: Any) -> Optimizer:
    """Return the optimizer that updates the weights: the one given, or the innermost one with its weights.

    Raises TypeError.
    """
    outer = optimizer
    while not isinstance(outer, Optimizer):
        outer = getattr(outer, "optimizer", None)
        if outer is None:
            raise TypeError(f"optimizer must be a torch.optim.Optimizer, got {type(optimizer).__name__}")
    calling = [each for each in (outer, *list_inner(outer, Optimizer)) if getattr(type(each).step, "hooked", False)]
    if not calling:
        raise TypeError(f"optimizer must call the hooks of its steps, got {type(optimizer).__name__}")
    weights = set(map(id, _list_weights(outer)))
    nested = [each for each in calling if set(map(id, _list_weights(each))) == weights] or calling[:1]
    is_chain = all(inner in list_inner(around, Optimizer) for around, inner in pairwise(nested))
    return nested[-1] if is_chain else nested[0]


def _is_skipped(optimizer: Optimizer) -> bool:
    """Return whether a GradScaler lets a fused optimizer itself skip the update, for gradients that are not finite."""
    found_inf = getattr(optimizer, "found_inf", None)
    return found_inf is not None and bool(found_inf)
