"""Finds the schedulers of a library by importing it, independently of the table."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from parity.pages.coverage.row import Library

#: The base classes of each library's schedulers.
_BASES = {
    "torch": ("LRScheduler", "ReduceLROnPlateau"), "keras": ("LearningRateSchedule", "ReduceLROnPlateau"),
    "mxnet": ("LRScheduler",),
    "timm": ("Scheduler", "CosineLRScheduler"), "fvcore": ("ParamScheduler",), "composer": ("ComposerScheduler",),
    "paddle": ("LRScheduler",), "gluoncv": ("LRScheduler",),
    "mmengine": ("LRSchedulerMixin",), "olmo": ("Scheduler",),
}
#: The methods of the schedulers of libraries without a base class.
_METHODS = {"deepspeed": ("step", "get_last_lr"), "megatron": ("step", "get_lr"), "fairseq": ("step_update",)}


def find_schedulers(library: str, members: dict[str, Any]) -> list[str]:
    """Return the sorted names of all schedulers. members: the contents of the library's modules, by name."""
    return sorted(name for name, value in members.items()
                  if not name.startswith("_") and _is_scheduler(library, value, members))


def _is_scheduler(library: str, value: Any, members: dict[str, Any]) -> bool:
    if library == "optax":
        return inspect.isfunction(value) and (
            value.__module__.startswith("optax.schedules.") or value.__name__ == "reduce_on_plateau")
    if library == "transformers":
        if inspect.isfunction(value):
            return value.__module__ == "transformers.optimization" and value.__name__.startswith("get_")
        return inspect.isclass(value) and value.__module__ == "transformers.optimization" and (
            hasattr(value, "step") and not hasattr(value, "add_param_group"))
    if library == "mlx":
        return inspect.isfunction(value) and value.__module__ == "mlx.optimizers.schedulers"
    if library == "torchtitan":
        return inspect.isfunction(value) and value.__name__ == "build_lr_schedulers"
    if library in _METHODS:
        return inspect.isclass(value) and all(hasattr(value, name) for name in _METHODS[library])
    if library == "ignite":
        return (inspect.isclass(value) and hasattr(value, "get_param")) or (
            inspect.isfunction(value) and value.__name__.startswith("create_lr_scheduler"))
    bases = tuple(members[base] for base in _BASES[library] if base in members)
    if library in ("timm", "gluoncv"):  # the modules hold subclasses only, not their base class
        bases = tuple({base for member in bases for base in member.__mro__[1:] if base.__name__ in _BASES[library]})
    return inspect.isclass(value) and issubclass(value, bases)


def find_unknown(library: Library, names: Iterable[str]) -> list[str]:
    """Return the names of a library that are not in the table."""
    listed = {row.class_name for row in library.rows} | set(library.bases)
    return sorted(set(names) - listed)


def find_missing(library: Library, names: Iterable[str]) -> list[str]:
    """Return the names in the table that the library does not have."""
    return sorted(({row.class_name for row in library.rows} | set(library.bases)) - set(names))
