"""Runs a library's real scheduler, as its documentation describes, and returns its rates.

`rates(library, call, n)` evaluates a constructor of the table, never a user's text, and returns the rates of n updates.
A few schedulers raise an error before that.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Any

from frameworks import backend
from parity.pages.coverage import metric_driven
from parity.pages.coverage.row import LR

#: The framework of the gate for a library, and the reverse; then the modules of each library's schedulers.
FRAMEWORK = {"torch": "torch", "keras": "tensorflow", "mxnet": "mxnet"}
LIBRARY = {framework: library for library, framework in FRAMEWORK.items()}
MODULES = {
    "torch": ("torch.optim.lr_scheduler", "torch.optim.swa_utils"),
    "keras": ("keras.optimizers.schedules", "keras.callbacks"),
    "mxnet": ("mxnet.lr_scheduler",), "optax": ("optax", "optax.contrib"),
    "transformers": ("transformers.optimization",),
    "timm": ("timm.scheduler",), "fvcore": ("fvcore.common.param_scheduler",),
    "ignite": ("ignite.handlers.param_scheduler",), "composer": ("composer.optim.scheduler",),
    "paddle": ("paddle.optimizer.lr",), "gluoncv": (), "mmengine": ("mmengine.optim.scheduler.lr_scheduler",),
    "olmo": ("olmo_core.optim.scheduler",), "mlx": ("mlx.optimizers.schedulers",),
    "fairseq": (),
    "deepspeed": ("deepspeed.runtime.lr_schedules",), "megatron": ("megatron.core.optimizer_param_scheduler",),
    "torchtitan": ("torchtitan.components.lr_scheduler", "torchtitan.config.job_config"),
}
#: Matches the constructors of schedulers that depend on a metric.
NAMED = re.compile(r"[\w.]*(plateau|Plateau)\w*\(")
#: Updates per epoch, for schedulers that count epochs; updates of the training, for schedulers that use its length.
UPDATES_PER_EPOCH, TOTAL = 4, 40


def import_members(library: str) -> dict[str, Any]:
    """Import a library's schedulers and return the contents of their modules, by name."""
    if library == "gluoncv":
        from parity.pages.coverage.other_libraries import import_gluoncv

        return vars(import_gluoncv())
    if library == "fairseq":
        from parity.pages.coverage.training_libraries import import_fairseq

        return import_fairseq()
    members: dict[str, Any] = {}
    for module in MODULES[library]:
        members |= vars(importlib.import_module(module))
    return members


def measure_rates(library: str, call: str, n: int) -> list[float]:
    """Return the rates of updates 0 to n - 1, in the precision of the library."""
    if NAMED.match(call):
        return metric_driven.measure_rates(library, call, import_members(library), n)
    if library in FRAMEWORK or library == "gluoncv":
        return measure_applied_rates(library, call, n)
    from parity.pages.coverage import other_libraries, training_libraries

    run: Callable[[str, dict[str, Any], int], list[float]] = (other_libraries.ASKED | training_libraries.ASKED)[library]
    return run(call, import_members(library), n)


def measure_applied_rates(library: str, call: str, n: int, lr: float = LR) -> list[float]:
    """Return the rates that the framework's plain SGD applies. lr: the initial rate of a torch optimizer."""
    ported = backend(FRAMEWORK.get(library, "mxnet"))
    members = import_members(library)

    def build(schedule: None, optimizer: Any = None) -> Any:
        if optimizer is None:
            return eval(call, members)
        optimizer.param_groups[0]["lr"] = lr
        return eval(call, members | {"optimizer": optimizer})

    return ported.observe(None, n, build=build).applied[:, 0].astype(float).tolist()
