"""One schedule specification, and the backends that apply it: mxnet, torch, tensorflow."""

from __future__ import annotations

import importlib
import os
from types import ModuleType

#: The backends, in the order of every table: the reference first.
FRAMEWORKS = ("mxnet", "torch", "tensorflow")


class FrameworkMissing(ImportError):
    """A framework that is not installed, with the way to install it."""


class FrameworkUnsupported(FrameworkMissing):
    """A framework that is installed, but whose version or settings this code does not support."""


def backend(framework: str, *, any_keras: bool = False) -> ModuleType:
    """Import one backend, and with it that framework only.

    any_keras: whether the caller also works with Keras 2 (default: no). Raises ValueError for another name,
    FrameworkMissing if the framework cannot be imported, FrameworkUnsupported if it cannot be used.
    """
    if framework not in FRAMEWORKS:
        raise ValueError(f"framework must be one of {', '.join(FRAMEWORKS)}, got {framework!r}")
    try:
        if framework == "mxnet":
            importlib.import_module("frameworks.numpy_bool")
        if framework == "tensorflow":
            importlib.import_module("frameworks.keras_choice").check_keras(any_keras=any_keras)
        _import_framework(framework)
        return importlib.import_module(f"frameworks.{framework}")
    except FrameworkMissing:
        raise
    except (ImportError, OSError) as error:  # OSError: one of its shared libraries
        reason = " ".join(str(error).split())[:300]
        raise FrameworkMissing(
            f"{framework} cannot be imported ({reason}); pip install -r requirements/{framework}.txt") from error


def _import_framework(framework: str) -> None:
    """Import a framework. Raises ImportError also where another NumPy than its own makes it raise something else."""
    try:
        importlib.import_module(framework)
    except (ImportError, OSError):
        raise
    except Exception as error:
        raise ImportError(f"{type(error).__name__}: {error}") from error


def version(framework: str) -> str:
    """Return the installed version of a framework; TensorFlow's with that of Keras."""
    from importlib.metadata import version as installed  # slow to import, and seldom needed

    if framework != "tensorflow":
        return installed(framework)
    import tensorflow

    from frameworks.keras_choice import keras_name

    return f"{tensorflow.__version__} with {keras_name()}"


def quiet() -> None:
    """Keep TensorFlow's news about processors from stderr, unless the user has chosen; before it is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
