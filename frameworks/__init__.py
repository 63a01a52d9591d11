"""One schedule specification, and the backends that apply it: mxnet, torch, tensorflow."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
from types import ModuleType

#: The backends, in the order of every table: the reference first.
FRAMEWORKS = ("mxnet", "torch", "tensorflow")


class FrameworkMissing(ImportError):
    """A framework that is not installed, with the way to install it."""


def backend(framework: str) -> ModuleType:
    """Import one backend, and with it that framework only.

    Raises ValueError for another name, FrameworkMissing if the framework cannot be imported.
    """
    if framework not in FRAMEWORKS:
        raise ValueError(f"framework must be one of {', '.join(FRAMEWORKS)}, got {framework!r}")
    try:
        return importlib.import_module(f"frameworks.{framework}")
    except ImportError as error:
        raise FrameworkMissing(
            f"{framework} cannot be imported ({error}); pip install -r requirements/{framework}.txt") from error


def version(framework: str) -> str:
    """Return the installed version of a framework; TensorFlow's with that of Keras."""
    if framework != "tensorflow":
        return importlib.metadata.version(framework)
    import keras
    import tensorflow

    return f"{tensorflow.__version__} with keras {keras.__version__}"


def quiet() -> None:
    """Keep TensorFlow's news about processors from stderr, unless the user has chosen; before it is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
