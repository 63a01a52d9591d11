"""One schedule specification, and the backends that apply it: mxnet, torch, tensorflow."""

from __future__ import annotations

import importlib
import os
import re
import sys
from contextlib import suppress
from types import ModuleType

#: The backends, in the order of every table: the reference first.
FRAMEWORKS = ("mxnet", "torch", "tensorflow")

#: Other names of the frameworks, in lower case.
SYNONYMS = {"gluon": "mxnet", "pytorch": "torch", "keras": "tensorflow", "tf": "tensorflow"}


#: The extra of this project that brings a library; a framework's extra has its own name.
EXTRAS = {"keras": "tensorflow", "matplotlib": "plot", "pooch": "reproduce", "ray": "cluster",
          "safetensors": "reproduce", "tensorboardX": "tensorboard", "tqdm": "reproduce"}

#: The distributions that bring a library, the usual one first; of other libraries the one of the same name.
DISTRIBUTIONS = {"keras": ("keras", "keras-nightly"),
                 "mxnet": ("mxnet", "mxnet-mkl", "mxnet-native", "mxnet-cu112", "mxnet-cu110", "mxnet-cu102"),
                 "tensorflow": ("tensorflow", "tensorflow-cpu", "tf-nightly")}

#: The oldest release of each framework that `tox -e versions` measures, and the first that is not supported.
RELEASES = {"mxnet": ((1, 5, 1), (2,)), "torch": ((2, 1), (3,)), "tensorflow": ((2, 10), (3,))}


class FrameworkMissingError(ImportError):
    """A framework that cannot be imported, with the way to install it."""


class FrameworkUnsupportedError(FrameworkMissingError):
    """A framework that is installed, but whose version or settings this code does not support."""


#: Libraries that are not dependencies of this project, and where they come from.
OTHERS = dict.fromkeys(("jax", "optax"), "tox -e optax has an environment with it") | dict.fromkeys(
    ("scipy", "statsmodels"), "pip install -r requirements/study.txt in a clone of this project") | {
    "torchvision": "pip install -r requirements/torch.txt in a clone of this project"}


def describe_missing(library: str) -> str:
    """Return the sentence about a library that is not installed: its name and the command that installs it.

    >>> describe_missing("safetensors")
    'safetensors is not installed; pip install ".[reproduce]" in a clone of this project'
    >>> describe_missing("numpy")
    'numpy is not installed; pip install "." in a clone of this project'
    """
    return f"{library} is not installed; {_describe_install(library)}"


def check_release(framework: str, installed: str) -> None:
    """Check a framework's version. Raises FrameworkUnsupportedError if its release is not supported.

    >>> check_release("torch", "1.13.1+cpu")
    Traceback (most recent call last):
    frameworks.FrameworkUnsupportedError: torch 1.13.1+cpu is not supported: must be at least 2.1 and below 3
    """
    oldest, first_unknown = RELEASES[framework]
    numbers = tuple(map(int, re.findall(r"\d+", installed)[:3]))
    if not oldest <= numbers < first_unknown:
        least, below = (".".join(map(str, release)) for release in (oldest, first_unknown))
        raise FrameworkUnsupportedError(
            f"{framework} {installed} is not supported: must be at least {least} and below {below}")


def _describe_install(library: str) -> str:
    if library in OTHERS:
        return OTHERS[library]
    extra = EXTRAS.get(library, library if library in FRAMEWORKS else "")
    if extra == "mxnet" and sys.version_info >= (3, 13):
        return "it needs Python 3.10, 3.11 or 3.12"
    return f'pip install ".{f"[{extra}]" if extra else ""}" in a clone of this project'


def resolve_name(framework: str) -> str:
    """Return the name that this project prints of a framework; any other text as it is.

    >>> resolve_name("PyTorch"), resolve_name("MXNet"), resolve_name("tf"), resolve_name("pytroch")
    ('torch', 'mxnet', 'tensorflow', 'pytroch')
    """
    lower = str(framework).lower()
    return lower if lower in FRAMEWORKS else SYNONYMS.get(lower, framework)


def backend(framework: str, *, any_keras: bool = False) -> ModuleType:
    """Import one backend, and with it that framework only.

    any_keras: whether the caller also works with Keras 2 (default: no). Raises ValueError for another name,
    FrameworkMissingError if the framework cannot be imported, FrameworkUnsupportedError if it cannot be used.
    """
    framework = resolve_name(framework)
    if framework not in FRAMEWORKS:
        raise ValueError(f"framework must be one of {', '.join(FRAMEWORKS)}, got {framework!r}")
    try:
        if framework == "mxnet":
            importlib.import_module("frameworks.numpy_bool")
        if framework == "tensorflow":
            importlib.import_module("frameworks.keras_choice").check_keras(any_keras=any_keras)
        check_release(framework, importlib.import_module(framework).__version__)
        return importlib.import_module(f"frameworks.{framework}")
    except FrameworkMissingError:
        raise
    except Exception as error:  # OSError: a shared library; others: mxnet under python -OO, or beside another NumPy
        reason = " ".join(str(error).split())[:300]
        stripped = sys.flags.optimize > 1 and not isinstance(error, ImportError)
        hint = "run it without python -OO" if stripped else _describe_install(framework)
        raise FrameworkMissingError(f"{framework} cannot be imported ({reason}); {hint}") from error


def installed_version(library: str) -> str | None:
    """Return the version of an installed library from its metadata, None if no distribution brings it."""
    from importlib.metadata import PackageNotFoundError, version  # slow to import, and seldom needed

    for distribution in DISTRIBUTIONS.get(library, (library,)):
        with suppress(PackageNotFoundError):
            return version(distribution)
    return None


def version(framework: str) -> str:
    """Return the version of a framework that is imported; TensorFlow's with that of Keras."""
    framework = resolve_name(framework)
    if framework != "tensorflow":
        return installed_version(framework) or importlib.import_module(framework).__version__
    import tensorflow

    from frameworks.keras_choice import describe_keras

    return f"{tensorflow.__version__} with {describe_keras()}"


def quiet() -> None:
    """Keep TensorFlow's news about processors from stderr, unless the user has chosen; before it is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


importlib.import_module("frameworks.required").check_command()  # before imports of other packages
