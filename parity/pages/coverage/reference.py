"""The rates that a library's own scheduler gives: the real class or function, run as its documentation says.

`rates(library, call, n)` evaluates a constructor of the table (no text of a user's) and returns the rates of n updates,
as far as it has any: a few end with an error.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Any

from frameworks import backend
from parity.pages.coverage import told
from parity.pages.coverage.row import LR

#: The framework of the gate that a library is, the other way round, and where each library's schedulers are.
FRAMEWORK = {"torch": "torch", "keras": "tensorflow", "mxnet": "mxnet"}
LIBRARY = {framework: library for library, framework in FRAMEWORK.items()}
MODULES = {
    "torch": ("torch.optim.lr_scheduler", "torch.optim.swa_utils"),
    "keras": ("keras.optimizers.schedules", "keras.callbacks"),
    "mxnet": ("mxnet.lr_scheduler",), "optax": ("optax", "optax.contrib"),
    "transformers": ("transformers.optimization",),
    "timm": ("timm.scheduler",), "fvcore": ("fvcore.common.param_scheduler",),
    "ignite": ("ignite.handlers.param_scheduler",), "composer": ("composer.optim.scheduler",),
    "paddle": ("paddle.optimizer.lr",), "gluoncv": (),
}
#: The constructors of what is told a metric.
NAMED = re.compile(r"[\w.]*(plateau|Plateau)\w*\(")
#: Updates of an epoch, for schedulers that count epochs; of a whole training, for those that ask for its share.
UPDATES_PER_EPOCH, TOTAL = 4, 40


def names(library: str) -> dict[str, Any]:
    """Import a library's schedulers and return what stands in their modules."""
    if library == "gluoncv":
        from parity.pages.coverage.other_libraries import gluoncv

        return vars(gluoncv())
    found: dict[str, Any] = {}
    for module in MODULES[library]:
        found |= vars(importlib.import_module(module))
    return found


def rates(library: str, call: str, n: int) -> list[float]:
    """Return the rates of updates 0 to n - 1, as numbers of the type that the library computes with."""
    if NAMED.match(call):
        return told.rates(library, call, names(library), n)
    if library in FRAMEWORK or library == "gluoncv":
        return applied(library, call, n)
    from parity.pages.coverage.other_libraries import ASKED

    ask: Callable[[str, dict[str, Any], int], list[float]] = ASKED[library]
    return ask(call, names(library), n)


def applied(library: str, call: str, n: int, lr: float = LR) -> list[float]:
    """Return what a scheduler makes the framework's plain SGD apply. lr: the rate of a torch optimizer."""
    ported = backend(FRAMEWORK.get(library, "mxnet"))
    known = names(library)

    def build(schedule: None, optimizer: Any = None) -> Any:
        if optimizer is None:
            return eval(call, known)
        optimizer.param_groups[0]["lr"] = lr
        return eval(call, known | {"optimizer": optimizer})

    return ported.observe(None, n, build=build).applied[:, 0].astype(float).tolist()
