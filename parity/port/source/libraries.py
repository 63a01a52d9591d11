"""Recognizes the schedulers and optimizers of the supported libraries by the name with which a script calls them."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass

from parity.port.read import SOURCES
from parity.port.read.mxnet_optimizers import FIRST

#: The library of a module, by the first part of its name.
_ROOTS = {**{library: library for library in SOURCES}, "keras": "tensorflow", "tf_keras": "tensorflow",
          "olmo_core": "olmo", "pytorch_lightning": "lightning"}
#: The libraries of which `port` reads settings, not the constructors that a script calls.
_SETTINGS = ("mmengine", "detectron2", "megatron", "deepspeed", "fairseq", "torchtitan")
_SCHEDULER = re.compile(r"(?:LR|Scheduler|lr_schedulers?)$")
#: The usual names of modules, for a piece of a script without its imports.
USUAL = {"mx": "mxnet", "gluon": "mxnet.gluon", "gcv": "gluoncv", "optim": "torch.optim",
         "lr_scheduler": "lr_scheduler", "tf": "tensorflow", "np": "numpy"}
#: The library of a module as it is usually named, by the first part of the name.
NAMED = _ROOTS | {name: _ROOTS[module.partition(".")[0]] for name, module in USUAL.items()
                  if module.partition(".")[0] in _ROOTS}
#: The modules that have schedulers only.
_MODULES = ("torch.optim.lr_scheduler", "mxnet.lr_scheduler", "timm.scheduler", "paddle.optimizer.lr",
            "tensorflow.keras.optimizers.schedules", "keras.optimizers.schedules", "tf_keras.optimizers.schedules",
            "lr_scheduler")
#: Classes that a custom scheduler derives from.
BASES = ("LRScheduler", "_LRScheduler", "LearningRateSchedule", "MXLRScheduler")


@dataclass(frozen=True)
class Kind:
    """The library of a called name.

    source: the library (default: None, the name is that of a scheduler, but its library is not known).
    """

    source: str | None = None


def recognize(full: str, source: str | None, defined: Set[str]) -> Kind | None:
    """Return what a scheduler's constructor is, None for anything else.

    full: the dotted name, imports resolved. source: the library of names without an import (default: None, not given).
    defined: the names that the script defines.
    """
    root, _, rest = full.partition(".")
    name = full.rpartition(".")[2]
    if root in _ROOTS:
        library = _ROOTS[root]
        if library == "mxnet" and "gluoncv" in rest:
            library = "gluoncv"
        is_other = library in _SETTINGS and _SCHEDULER.search(name)
        return Kind(source=library) if _has(library, name) or is_other else None
    if full in defined or not any(_has(library, name) for library in SOURCES):
        return None
    if source is not None:
        return Kind(source=source) if _has(source, name) else None
    return Kind()


def is_of_a_library(full: str) -> bool:
    """Return whether a full name is of a supported library, or of Keras, Lightning or OLMo-core."""
    return full.partition(".")[0] in _ROOTS


def recognize_member(full: str) -> Kind | None:
    """Return the library of a class of a module that has schedulers only, None for anything else."""
    module, _, name = full.rpartition(".")
    return Kind(source=_ROOTS.get(module.partition(".")[0])) if module in _MODULES and name[:1].isupper() else None


def _has(library: str, name: str) -> bool:
    module = SOURCES[library]
    if name in ("LRScheduler", "LearningRateSchedule"):  # the base class, except in GluonCV
        return name in module.READERS
    return name in module.READERS or name in module.REFUSED or (
        name == "ReduceLROnPlateau" and library in ("torch", "tensorflow"))


def is_mxnet_optimizer(name: str) -> bool:
    """Return whether MXNet has an optimizer of this name."""
    return name.lower() in (*FIRST, "lbsgd", "adadelta")
