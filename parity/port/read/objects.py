"""Reads scheduler objects: rebuilds the constructor call from class and attributes, and reads it as a text.

No framework is imported here. Subclasses are refused, since their changes are not visible.
"""

from __future__ import annotations

import inspect
from typing import Any

from parity.port.read import SOURCES, Reading, read_call
from parity.port.read.literal import Call, Name, PortError

#: The library of a class, by the beginning of its module's name.
_MODULES = {"mxnet.lr_scheduler": "mxnet", "torch.optim.lr_scheduler": "torch", "keras.src.optimizers.schedules":
            "tensorflow"}
#: Torch's classes whose attributes have the names of the constructor's arguments.
_KEEPING = ("StepLR", "ConstantLR", "ExponentialLR", "LinearLR", "PolynomialLR", "CosineAnnealingLR",
            "CosineAnnealingWarmRestarts")
#: Arguments that MXNet's classes keep under another name. An optimizer overwrites base_lr only, not a warm-up's end.
_RENAMED = {"base_lr": "warmup_final_lr", "pwr": "power"}


def read_object(scheduler: Any) -> Reading:
    """Read the rates that a scheduler of MXNet, torch or Keras applies from the first update on.

    Raises PortError, also for a used object whose class does not keep its first rate.
    """
    kind = type(scheduler)
    source = next((source for module, source in _MODULES.items() if kind.__module__.startswith(module)), None)
    if source is None:
        bases = [base.__name__ for base in kind.__mro__[1:] if any(
            base.__module__.startswith(module) for module in _MODULES)]
        what = (f"a subclass of {bases[0]}: what it changes cannot be seen" if bases
                else "not a scheduler of a framework")
        raise PortError(f"{kind.__name__} is {what}")
    return {"mxnet": _read_mxnet, "torch": _read_torch, "tensorflow": _read_keras}[source](scheduler)


def _read_mxnet(scheduler: Any) -> Reading:
    """Read an MXNet scheduler. An optimizer may have overwritten base_lr; a warm-up still ends at the first one."""
    name = type(scheduler).__name__
    _refuse_class(name, "mxnet")
    if getattr(scheduler, "count", 0) or getattr(scheduler, "cur_step_ind", 0):
        raise PortError(f"{name} has been used or plotted, and its first rate is lost: read a new one")
    given = _read_attributes(scheduler, "mxnet")
    overwritten = scheduler.base_lr != scheduler.warmup_final_lr and "max_update" not in given
    optimizer = Call("sgd", (), {"learning_rate": scheduler.base_lr}) if overwritten else None
    return read_call(Call(name, (), given), "mxnet", optimizer=optimizer)


def _read_torch(scheduler: Any) -> Reading:
    """Read a torch scheduler. All parameter groups must have the same initial rate."""
    rates = {float(rate) for rate in getattr(scheduler, "base_lrs", [])} or {
        float(group["initial_lr"]) for group in scheduler.optimizer.param_groups}
    if len(rates) > 1:
        raise PortError(f"parameter groups of different rates, {sorted(rates)}: read one for each")
    reading = read_call(_rebuild_call(scheduler), "torch", lr=rates.pop())
    count = _count_updates(scheduler)
    if count > 0:
        reading.traps.append(f"The scheduler is at update {count}; it is read from update 0.")
    return reading


def _count_updates(scheduler: Any) -> int:
    inner = getattr(scheduler, "_schedulers", None)  # a ChainedScheduler has no count
    return max(map(_count_updates, inner)) if inner else scheduler.last_epoch


def _rebuild_call(scheduler: Any) -> Call:
    name, model = type(scheduler).__name__, Name("optimizer")
    _refuse_class(name, "torch")
    if name in _KEEPING:
        return Call(name, (model,), _read_attributes(scheduler, "torch"))
    if name == "MultiStepLR":
        return Call(name, (model, sorted(scheduler.milestones.elements())), {"gamma": scheduler.gamma})
    if name == "SequentialLR":
        inner = [_rebuild_call(part) for part in scheduler._schedulers]
        return Call(name, (model, inner, list(scheduler._milestones)))
    if name == "ChainedScheduler":
        return Call(name, ([_rebuild_call(part) for part in scheduler._schedulers],))
    raise PortError(f"{name} does not keep its arguments: give its constructor as text")


def _read_keras(schedule: Any) -> Reading:
    """Read a Keras schedule, whose get_config returns its arguments."""
    name = type(schedule).__name__
    _refuse_class(name, "tensorflow")
    given = {key: _convert(value) for key, value in schedule.get_config().items()}
    return read_call(Call(name, (), given), "tensorflow")


def _read_attributes(scheduler: Any, source: str) -> dict[str, Any]:
    """Return the arguments of a scheduler's constructor from its attributes. Their names are those of its reader."""
    _, *names = inspect.signature(SOURCES[source].READERS[type(scheduler).__name__]).parameters
    return {name: getattr(scheduler, _RENAMED.get(name, name)) for name in names
            if name not in ("optimizer", "last_epoch")}


def _convert(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_convert(item) for item in value]
    return value.item() if hasattr(value, "item") else value


def _refuse_class(name: str, source: str) -> None:
    if name in SOURCES[source].REFUSED:
        raise PortError(f"{name} cannot be ported: {SOURCES[source].REFUSED[name]}")
