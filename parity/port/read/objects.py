"""Reads scheduler objects: rebuilds the constructor call from class and attributes, and reads it as a text.

No framework is imported here. Subclasses are refused, since their changes are not visible. An object that has been
stepped is read as the rates that are still to come.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from frameworks.schedule import Constant, Factor, ReduceOnPlateau, Schedule, Sequence, Shift
from frameworks.schedule.fields import ScheduleModel
from parity.port import plateau
from parity.port.read import SOURCES, Reading, read_call
from parity.port.read.drops import drop_at
from parity.port.read.literal import Call, Name, PortError
from parity.port.read.torch_objects import count_updates, read_attributes, rebuild_timm, rebuild_torch

#: The library of a class, by the beginning of its module's name.
_MODULES = {
    "mxnet.lr_scheduler": "mxnet", "gluoncv.": "gluoncv", "torch.optim.lr_scheduler": "torch",
    "torch.optim.swa_utils": "torch", "keras.src.optimizers.schedules": "tensorflow", "timm.scheduler": "timm",
    "frameworks.": "specified"}
#: Arguments that MXNet's classes keep under another name. An optimizer overwrites base_lr only, not a warm-up's end.
_RENAMED = {"base_lr": "warmup_final_lr", "pwr": "power"}


def read_object(scheduler: Any, optimizer: Any = None, *, updates_per_epoch: int | None = None) -> Reading:
    """Read the rates that a scheduler object applies from its next update on.

    scheduler: of MXNet, GluonCV, torch, Keras, timm, or of this project's `build`; a LambdaLR that transformers built.
    optimizer: an optimizer or a Trainer of MXNet or Keras, which counts the updates (default: None, no update was
    made). updates_per_epoch: for schedulers of timm that count epochs (default: None).
    Raises PortError, also for a used object of MXNet without its optimizer.
    """
    kind = type(scheduler)
    source = next((source for module, source in _MODULES.items() if kind.__module__.startswith(module)), None)
    if source is None:
        bases = [base.__name__ for base in kind.__mro__[1:] if any(
            base.__module__.startswith(module) for module in _MODULES)]
        what = (f"a subclass of {bases[0]}: what it changes cannot be seen" if bases
                else "not a scheduler of a framework")
        raise PortError(f"{kind.__name__} is {what}")
    done = _count(scheduler, optimizer)
    if source == "specified":
        if not isinstance(getattr(scheduler, "schedule", None), ScheduleModel):
            raise PortError(f"{kind.__name__} does not keep its specification")
        reading = Reading(scheduler.schedule)
    elif source == "mxnet":
        return _read_mxnet(scheduler, done)
    elif source in ("torch", "timm"):
        reading = _read_multiplying(scheduler, source, updates_per_epoch)
        done = count_updates(scheduler) if source == "torch" else done
    else:
        reading = _read_gluoncv(scheduler) if source == "gluoncv" else _read_keras(scheduler)
    return _go_on(reading, kind.__name__, done)


def is_plateau(scheduler: Any) -> bool:
    """Return whether a scheduler is torch's ReduceLROnPlateau."""
    return type(scheduler).__name__ == plateau.NAME and type(scheduler).__module__.startswith("torch.")


def read_plateau_object(scheduler: Any) -> plateau.Reading:
    """Read a new ReduceLROnPlateau of torch. Raises PortError."""
    if scheduler.last_epoch > 0:
        raise PortError("ReduceLROnPlateau has been stepped: its next rates depend on the metrics so far")
    [rate, *others] = {float(group.get("initial_lr", group["lr"])) for group in scheduler.optimizer.param_groups}
    if others:
        raise PortError("parameter groups of different rates: read one for each")
    given = read_attributes(scheduler, plateau.read_torch) | {"min_lr": list(scheduler.min_lrs)}
    return plateau.read_call(Call(plateau.NAME, (Name("optimizer"),), given), "torch", rate)


def specification(scheduler: Any, optimizer: Any = None, *, updates_per_epoch: int | None = None,
                  ) -> Schedule | ReduceOnPlateau:
    """Return the specification of a scheduler object. The arguments are those of `read_object`. Raises PortError."""
    if is_plateau(scheduler):
        return read_plateau_object(scheduler).plateau
    return read_object(scheduler, optimizer, updates_per_epoch=updates_per_epoch).schedule


def _count(scheduler: Any, optimizer: Any) -> int:
    """Return the number of updates that an optimizer of MXNet or Keras has made."""
    inner = getattr(optimizer, "_optimizer", optimizer)  # a Trainer's
    for name in ("num_update", "iterations"):
        if hasattr(inner, name):
            return int(getattr(inner, name))
    return max(getattr(scheduler, "last_epoch", 0), 0) if inner is None else 0


def _go_on(reading: Reading, name: str, done: int) -> Reading:
    """Return a reading after some updates."""
    if not done:
        return reading
    trap = f"{name} has made {done:,} updates: what is still to come is read, from update {done:,} on."
    followed = None if reading.followed is None else max(reading.followed - done, 1)
    return replace(reading, schedule=Shift(by=done, of=reading.schedule), traps=[*reading.traps, trap],
                   followed=followed)


def _read_mxnet(scheduler: Any, done: int) -> Reading:
    """Read an MXNet scheduler. An optimizer may have overwritten base_lr; a warm-up still ends at the first one."""
    name = type(scheduler).__name__
    _refuse_class(name, "mxnet")
    used = getattr(scheduler, "count", 0) or getattr(scheduler, "cur_step_ind", 0)
    if used and not done:
        raise PortError(f"{name} has been used or plotted, and its first rate is lost: read a new one, or give its "
                        "optimizer too")
    if used:
        trap = f"{name} has made {done:,} updates: what is still to come is read, from update {done:,} on."
        return Reading(_read_rest(scheduler, done), [trap])
    given = read_attributes(scheduler, SOURCES["mxnet"].READERS[name], _RENAMED)
    overwritten = scheduler.base_lr != scheduler.warmup_final_lr and "max_update" not in given
    optimizer = Call("sgd", (), {"learning_rate": scheduler.base_lr}) if overwritten else None
    return _go_on(read_call(Call(name, (), given), "mxnet", optimizer=optimizer), name, done)


def _read_rest(scheduler: Any, done: int) -> Schedule:
    """Return what is still to come of a used FactorScheduler or MultiFactorScheduler; base_lr is its last rate."""
    rate, factor, step = scheduler.base_lr, scheduler.factor, scheduler.step
    if isinstance(step, list):
        return drop_at("factor", rate, factor, [math.floor(at) - done for at in step[scheduler.cur_step_ind:]])
    next_drop = math.floor(scheduler.count + step) - done
    floor = min(scheduler.stop_factor_lr, rate)
    if rate == floor or factor == 1:
        return Constant(base_lr=rate)
    if not float(step).is_integer():
        raise PortError("FactorScheduler has been used, and its step is not whole: read a new one")
    after = Factor(base_lr=max(rate * factor, floor), factor=factor, every=int(step), min_lr=floor)
    return Sequence(parts=[Constant(base_lr=rate), after], boundaries=[next_drop]) if next_drop > 0 else after


def _read_gluoncv(scheduler: Any) -> Reading:
    """Read GluonCV's LRScheduler or LRSequential."""
    name = type(scheduler).__name__
    if name not in SOURCES["gluoncv"].READERS:
        raise PortError(f"{name} is not a supported scheduler of gluoncv")
    parts = [_rebuild_gluoncv(part, bare=name == "LRSequential") for part in getattr(
        scheduler, "schedulers", [scheduler])]
    return read_call(Call(name, (parts,)) if name == "LRSequential" else parts[0], "gluoncv")


def _rebuild_gluoncv(part: Any, *, bare: bool) -> Call:
    given = {name: getattr(part, name) for name in ("base_lr", "target_lr", "niters", "power", "step_factor")}
    if not bare:
        given["offset"] = part.offset
    if part.mode == "step":
        given["step_iter"] = list(part.step or [])
    return Call("LRScheduler", (part.mode,), given)


def _read_multiplying(scheduler: Any, source: str, updates_per_epoch: int | None) -> Reading:
    """Read a scheduler of torch, timm or transformers. All parameter groups must have the same initial rate."""
    rates = {float(rate) for rate in getattr(scheduler, "base_lrs", None) or getattr(
        scheduler, "base_values", [])} or {float(group["initial_lr"]) for group in scheduler.optimizer.param_groups}
    call, library = rebuild_torch(scheduler) if source == "torch" else (rebuild_timm(scheduler), "timm")
    if len(rates) > 1:
        raise PortError(f"parameter groups of different rates, {sorted(rates)}: read one for each")
    return read_call(call, library, lr=rates.pop(), updates_per_epoch=updates_per_epoch)


def _read_keras(schedule: Any) -> Reading:
    """Read a Keras schedule, whose get_config returns its arguments."""
    name = type(schedule).__name__
    _refuse_class(name, "tensorflow")
    given = {key: _convert(value) for key, value in schedule.get_config().items()}
    return read_call(Call(name, (), given), "tensorflow")


def _convert(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_convert(item) for item in value]
    return value.item() if hasattr(value, "item") else value


def _refuse_class(name: str, source: str) -> None:
    if name in SOURCES[source].REFUSED:
        raise PortError(f"{name} cannot be ported: {SOURCES[source].REFUSED[name]}")
