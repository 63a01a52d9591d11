"""Records which built-in scheduler classes of a framework computed the rates, by observing their calls."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: The module of each framework's schedulers, and the method that computes a rate.
_SCHEDULERS = {
    "mxnet": ("mxnet.lr_scheduler", "__call__"),
    "torch": ("torch.optim.lr_scheduler", "get_lr"),
    "tensorflow": ("frameworks.keras_api", "__call__"),  # in its keras.optimizers.schedules
}


@contextmanager
def collect_classes(framework: str) -> Iterator[set[str]]:
    """Collect the names of the framework's scheduler classes that compute a rate in a `with` block."""
    module, method = _SCHEDULERS[framework]
    schedulers = importlib.import_module(module)
    if framework == "tensorflow":
        schedulers = schedulers.keras.optimizers.schedules
    classes = [value for value in vars(schedulers).values()
               if isinstance(value, type) and method in vars(value)]
    names: set[str] = set()
    originals = [(cls, vars(cls)[method]) for cls in classes]
    for cls, original in originals:
        setattr(cls, method, _record_calls(original, names, cls.__name__))
    try:
        yield names
    finally:
        for cls, original in originals:
            setattr(cls, method, original)


def _record_calls(method: Any, names: set[str], name: str) -> Any:
    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        names.add(name)
        return method(*args, **kwargs)

    return call
