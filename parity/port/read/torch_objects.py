"""Rebuilds the constructor of a scheduler object of torch, timm or transformers from its attributes."""

from __future__ import annotations

import functools
import inspect
from typing import Any

from parity.port.read import timm, torch
from parity.port.read.literal import Call, Name, PortError

_OPTIMIZER = Name("optimizer")
#: Torch's classes whose attributes have the names of the constructor's arguments.
_KEEPING = ("StepLR", "ConstantLR", "ExponentialLR", "LinearLR", "PolynomialLR", "CosineAnnealingLR",
            "CosineAnnealingWarmRestarts")


def rebuild_torch(scheduler: Any) -> tuple[Call, str]:
    """Return the constructor of a scheduler of torch, and its library. Raises PortError.

    scheduler: of torch, or a LambdaLR that transformers built.
    """
    name = type(scheduler).__name__
    if name in _KEEPING:
        return Call(name, (_OPTIMIZER,), read_attributes(scheduler, torch.READERS[name])), "torch"
    if name == "LambdaLR":
        return _rebuild_transformers(scheduler), "transformers"
    if name in torch.REFUSED:
        raise PortError(f"{name} cannot be ported: {torch.REFUSED[name]}")
    if name not in _REBUILD:
        raise PortError(f"{name} is not a supported scheduler of torch")
    return _REBUILD[name](scheduler), "torch"


def rebuild_timm(scheduler: Any) -> Call:
    """Return the constructor of a scheduler of timm. Raises PortError."""
    name = type(scheduler).__name__
    if name not in timm.READERS:
        raise PortError(f"{name} cannot be ported: {timm.REFUSED.get(name, 'it is not a supported scheduler of timm')}")
    if getattr(scheduler, "noise_range", None) is not None:
        raise PortError(f"{name}: noise_range_t must be None: the rates are random")
    return Call(name, (_OPTIMIZER,), read_attributes(scheduler, timm.READERS[name]))


def read_attributes(scheduler: Any, reader: Any, renamed: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the arguments of a constructor that its object has as attributes, by name.

    scheduler: the object. reader: the reader of its class. renamed: attributes with other names (default: none).
    """
    _, *names = inspect.signature(reader).parameters
    given = {name: getattr(scheduler, (renamed or {}).get(name, name), _OPTIMIZER) for name in names
             if name not in ("optimizer", "last_epoch")}
    return {name: value for name, value in given.items() if value is not _OPTIMIZER}


def count_updates(scheduler: Any) -> int:
    """Return the number of updates that a scheduler of torch has made."""
    inner = getattr(scheduler, "_schedulers", None)  # a ChainedScheduler has no count
    return max(map(count_updates, inner)) if inner and not hasattr(scheduler, "last_epoch") else scheduler.last_epoch


def _rebuild_multi_step(scheduler: Any) -> Call:
    return Call("MultiStepLR", (_OPTIMIZER, sorted(scheduler.milestones.elements())), {"gamma": scheduler.gamma})


def _rebuild_sequential(scheduler: Any) -> Call:
    inner = [rebuild_torch(part)[0] for part in scheduler._schedulers]
    return Call("SequentialLR", (_OPTIMIZER, inner, list(scheduler._milestones)))


def _rebuild_chained(scheduler: Any) -> Call:
    return Call("ChainedScheduler", ([rebuild_torch(part)[0] for part in scheduler._schedulers],))


def _rebuild_one_cycle(scheduler: Any) -> Call:
    """Rebuild OneCycleLR: its rates are in the optimizer's groups, its phases in its attributes."""
    first, high, last = (_read_single(scheduler, name) for name in ("initial_lr", "max_lr", "min_lr"))
    phases, total = scheduler._schedule_phases, scheduler.total_steps
    return Call("OneCycleLR", (_OPTIMIZER, high, total), {
        "pct_start": (phases[0]["end_step"] + 1) / total, "anneal_strategy": scheduler._anneal_func_type,
        "cycle_momentum": scheduler.cycle_momentum, "div_factor": high / first if first else 0.0,
        "final_div_factor": first / last if last else 0.0, "three_phase": len(phases) == 3})


def _rebuild_cyclic(scheduler: Any) -> Call:
    if scheduler._scale_fn_custom is not None:
        raise PortError("CyclicLR: scale_fn must be None: its rates are whatever its function returns")
    up = scheduler.total_size * scheduler.step_ratio
    return Call("CyclicLR", (_OPTIMIZER, list(scheduler.base_lrs), list(scheduler.max_lrs), float(round(up)),
                             float(round(scheduler.total_size - up))), {
        "mode": scheduler.mode, "gamma": scheduler.gamma, "cycle_momentum": scheduler.cycle_momentum})


def _rebuild_swa(scheduler: Any) -> Call:
    return Call("SWALR", (_OPTIMIZER, _read_single(scheduler, "swa_lr")), {
        "anneal_epochs": scheduler.anneal_epochs, "anneal_strategy": scheduler._anneal_strategy})


def _rebuild_transformers(scheduler: Any) -> Call:
    """Rebuild the call of transformers that built a LambdaLR: its function is a partial with the arguments."""
    functions = {repr(getattr(function, "keywords", function)): function for function in scheduler.lr_lambdas}
    [function, *others] = functions.values()
    module = getattr(getattr(function, "func", function), "__module__", "")
    named = getattr(getattr(function, "func", function), "__qualname__", "")
    if others or not module.startswith("transformers."):
        raise PortError("LambdaLR cannot be ported: its rates are whatever its function returns")
    name = _LAMBDAS.get(named.partition(".")[0])
    if name is None:
        raise PortError(f"LambdaLR of transformers cannot be ported: {named} is not a known function")
    keywords = dict(function.keywords) if isinstance(function, functools.partial) else {}
    if "min_lr_rate" in keywords and name == "get_cosine_schedule_with_warmup":
        name = "get_cosine_with_min_lr_schedule_with_warmup"  # their functions have the same name
    if name == "get_polynomial_decay_schedule_with_warmup":
        keywords.pop("lr_init", None)
    return Call(name, (_OPTIMIZER,), keywords)


def _read_single(scheduler: Any, name: str) -> float:
    """Return a number that all groups of the optimizer have. Raises PortError if they differ."""
    rates = {float(group[name]) for group in scheduler.optimizer.param_groups}
    if len(rates) > 1:
        raise PortError(f"parameter groups of different rates, {sorted(rates)}: read one for each")
    return rates.pop()


_REBUILD = {
    "MultiStepLR": _rebuild_multi_step, "SequentialLR": _rebuild_sequential, "ChainedScheduler": _rebuild_chained,
    "OneCycleLR": _rebuild_one_cycle, "CyclicLR": _rebuild_cyclic, "SWALR": _rebuild_swa}
#: The functions with which transformers builds a LambdaLR.
_LAMBDAS = {
    "get_constant_schedule": "get_constant_schedule",
    "_get_constant_schedule_with_warmup_lr_lambda": "get_constant_schedule_with_warmup",
    "_get_linear_schedule_with_warmup_lr_lambda": "get_linear_schedule_with_warmup",
    "_get_cosine_schedule_with_warmup_lr_lambda": "get_cosine_schedule_with_warmup",
    "_get_cosine_with_hard_restarts_schedule_with_warmup_lr_lambda":
        "get_cosine_with_hard_restarts_schedule_with_warmup",
    "_get_polynomial_decay_schedule_with_warmup_lr_lambda": "get_polynomial_decay_schedule_with_warmup",
    "_get_inverse_sqrt_schedule_lr_lambda": "get_inverse_sqrt_schedule",
    "_get_cosine_with_min_lr_schedule_with_warmup_lr_rate_lambda":
        "get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
    "_get_wsd_scheduler_lambda": "get_wsd_schedule"}
