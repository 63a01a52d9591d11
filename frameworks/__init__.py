"""One schedule specification, and the backends that apply it: mxnet, torch, tensorflow."""

from __future__ import annotations

import importlib
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
        if framework == "mxnet":
            importlib.import_module("frameworks.numpy_bool")
        importlib.import_module(framework)
        return importlib.import_module(f"frameworks.{framework}")
    except (ImportError, OSError) as error:  # OSError: one of its shared libraries
        reason = " ".join(str(error).split())[:300]
        raise FrameworkMissing(
            f"{framework} cannot be imported ({reason}); pip install -r requirements/{framework}.txt") from error


def version(framework: str) -> str:
    """Return the installed version of a framework; TensorFlow's with that of Keras."""
    from importlib.metadata import version as installed  # slow to import, and seldom needed

    if framework != "tensorflow":
        return installed(framework)
    import keras
    import tensorflow

    return f"{tensorflow.__version__} with keras {keras.__version__}"


def quiet() -> None:
    """Keep TensorFlow's news about processors from stderr, unless the user has chosen; before it is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
