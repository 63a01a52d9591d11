"""Which schedulers a library has, by name: what is imported from it, not what the table says."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from parity.pages.coverage.row import Library

#: Of each library: the classes from which its schedulers come.
_BASES = {
    "torch": ("LRScheduler", "ReduceLROnPlateau"), "keras": ("LearningRateSchedule", "ReduceLROnPlateau"),
    "mxnet": ("LRScheduler",),
    "timm": ("Scheduler", "CosineLRScheduler"), "fvcore": ("ParamScheduler",), "composer": ("ComposerScheduler",),
    "paddle": ("LRScheduler",), "gluoncv": ("LRScheduler",),
}


def schedulers(library: str, found: dict[str, Any]) -> list[str]:
    """Return the names of all schedulers among what a library's modules hold, sorted."""
    return sorted(name for name, one in found.items() if not name.startswith("_") and _is_one(library, one, found))


def _is_one(library: str, one: Any, found: dict[str, Any]) -> bool:
    if library == "optax":
        return inspect.isfunction(one) and (
            one.__module__.startswith("optax.schedules.") or one.__name__ == "reduce_on_plateau")
    if library == "transformers":
        if inspect.isfunction(one):
            return one.__module__ == "transformers.optimization" and one.__name__.startswith("get_")
        return inspect.isclass(one) and one.__module__ == "transformers.optimization" and hasattr(one, "step") and (
            not hasattr(one, "add_param_group"))
    if library == "ignite":
        return (inspect.isclass(one) and hasattr(one, "get_param")) or (
            inspect.isfunction(one) and one.__name__.startswith("create_lr_scheduler"))
    bases = tuple(found[base] for base in _BASES[library] if base in found)
    if library in ("timm", "gluoncv"):  # the base of those that are there is not among them
        bases = tuple({base for one in bases for base in one.__mro__[1:] if base.__name__ in _BASES[library]})
    return inspect.isclass(one) and issubclass(one, bases)


def unknown(library: Library, names: Iterable[str]) -> list[str]:
    """Return those of a library's schedulers of which the table says nothing."""
    said = {row.of for row in library.rows} | set(library.bases)
    return sorted(set(names) - said)


def gone(library: Library, names: Iterable[str]) -> list[str]:
    """Return what the table names and the library has not."""
    return sorted(({row.of for row in library.rows} | set(library.bases)) - set(names))
