"""Read a native scheduler object: its class and attributes give the call that made it, which is then read as text is.

No framework is imported here. Subclasses are refused: what they changed cannot be seen.
"""

from __future__ import annotations

import inspect
from typing import Any

from parity.port.read import SOURCES, Reading, read_call
from parity.port.read.literal import Call, Name, PortError

#: Where a class comes from, by the beginning of its module.
_MODULES = {"mxnet.lr_scheduler": "mxnet", "torch.optim.lr_scheduler": "torch", "keras.src.optimizers.schedules":
            "tensorflow"}
#: Torch's classes that keep their constructor's arguments as attributes of the same name.
_KEEPING = ("StepLR", "ConstantLR", "ExponentialLR", "LinearLR", "PolynomialLR", "CosineAnnealingLR",
            "CosineAnnealingWarmRestarts")
#: Where MXNet's classes keep an argument under another name: an optimizer overwrites their base_lr, not where a warm-up
#: ends.
_RENAMED = {"base_lr": "warmup_final_lr", "pwr": "power"}


def read_object(scheduler: Any) -> Reading:
    """Read what a scheduler of MXNet, torch or Keras applies, from the first update on.

    Raises PortError, for an object that has been used too where its class has forgotten how it began.
    """
    kind = type(scheduler)
    source = next((source for module, source in _MODULES.items() if kind.__module__.startswith(module)), None)
    if source is None:
        bases = [base.__name__ for base in kind.__mro__[1:] if any(
            base.__module__.startswith(module) for module in _MODULES)]
        what = f"a subclass of {bases[0]}: what it changes cannot be seen" if bases else "no scheduler of a framework"
        raise PortError(f"{kind.__name__} is {what}")
    return {"mxnet": _mxnet, "torch": _torch, "tensorflow": _keras}[source](scheduler)


def _mxnet(scheduler: Any) -> Reading:
    """base_lr is what an optimizer may have overwritten; a warm-up still aims at the rate it was made with."""
    name = type(scheduler).__name__
    _known(name, "mxnet")
    if getattr(scheduler, "count", 0) or getattr(scheduler, "cur_step_ind", 0):
        raise PortError(f"{name} has been used, or plotted, and has forgotten its first rate: read a new one")
    given = _kept(scheduler, "mxnet")
    overwritten = scheduler.base_lr != scheduler.warmup_final_lr and "max_update" not in given
    optimizer = Call("sgd", (), {"learning_rate": scheduler.base_lr}) if overwritten else None
    return read_call(Call(name, (), given), "mxnet", optimizer=optimizer)


def _torch(scheduler: Any) -> Reading:
    """All parameter groups must have had the same rate."""
    rates = {float(rate) for rate in getattr(scheduler, "base_lrs", [])} or {
        float(group["initial_lr"]) for group in scheduler.optimizer.param_groups}
    if len(rates) > 1:
        raise PortError(f"parameter groups of different rates, {sorted(rates)}: read one for each")
    reading = read_call(_torch_call(scheduler), "torch", lr=rates.pop())
    stands = _stands(scheduler)
    if stands > 0:
        reading.traps.append(f"The scheduler stands at update {stands}; it is read from update 0.")
    return reading


def _stands(scheduler: Any) -> int:
    inner = getattr(scheduler, "_schedulers", None)  # a ChainedScheduler has no count of its own
    return max(map(_stands, inner)) if inner else scheduler.last_epoch


def _torch_call(scheduler: Any) -> Call:
    name, model = type(scheduler).__name__, Name("optimizer")
    _known(name, "torch")
    if name in _KEEPING:
        return Call(name, (model,), _kept(scheduler, "torch"))
    if name == "MultiStepLR":
        return Call(name, (model, sorted(scheduler.milestones.elements())), {"gamma": scheduler.gamma})
    if name == "SequentialLR":
        inner = [_torch_call(one) for one in scheduler._schedulers]
        return Call(name, (model, inner, list(scheduler._milestones)))
    if name == "ChainedScheduler":
        return Call(name, ([_torch_call(one) for one in scheduler._schedulers],))
    raise PortError(f"{name} does not keep what it was made with: give its constructor as text")


def _keras(schedule: Any) -> Reading:
    """Keras' schedules say what they were made with."""
    name = type(schedule).__name__
    _known(name, "tensorflow")
    return read_call(Call(name, (), {key: _plain(value) for key, value in schedule.get_config().items()}), "tensorflow")


def _kept(scheduler: Any, source: str) -> dict[str, Any]:
    """Return the arguments of a scheduler's constructor, which are those of its reader, as its attributes keep them."""
    _, *names = inspect.signature(SOURCES[source].READERS[type(scheduler).__name__]).parameters
    return {name: getattr(scheduler, _RENAMED.get(name, name)) for name in names
            if name not in ("optimizer", "last_epoch")}


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.item() if hasattr(value, "item") else value


def _known(name: str, source: str) -> None:
    if name in SOURCES[source].REFUSED:
        raise PortError(f"{name} cannot be ported: {SOURCES[source].REFUSED[name]}")
