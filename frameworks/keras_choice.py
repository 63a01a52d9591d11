"""Find out which Keras and which Keras backend a process will use, before Keras or TensorFlow is imported.

Keras reads its backend from KERAS_BACKEND, and otherwise from keras.json. TensorFlow uses Keras 2, as the package
tf-keras, where TF_USE_LEGACY_KERAS is set. Importing TensorFlow imports Keras, so a wrong choice may end the process.
"""

from __future__ import annotations

import importlib
import json
import os
import re
from importlib.util import find_spec
from pathlib import Path

from frameworks import FrameworkMissingError, FrameworkUnsupportedError, describe_missing, installed_version
from frameworks.whole_files import describe_error

#: The first Keras 2 and the first Keras 3 that this code supports, and the first Keras that it does not support.
FIRST_KERAS_2, FIRST_KERAS_3, UNKNOWN_KERAS = (2, 10), (3, 0), (4, 0)
SUPPORTED = "2.10 or later, below 4"
#: The backends of Keras 3 that train, and the package that each one needs.
BACKENDS = ("tensorflow", "jax", "torch")


def has_legacy_keras() -> bool:
    """Return whether TensorFlow uses the package tf-keras as `tf.keras`."""
    return os.environ.get("TF_USE_LEGACY_KERAS") in ("true", "True", "1")  # the values that TensorFlow accepts


def read_keras_version() -> str:
    """Return the installed version of the Keras that `tf.keras` will be. Raises FrameworkMissingError."""
    package = "tf-keras" if has_legacy_keras() else "keras"
    if (number := installed_version(package)) is None:
        raise FrameworkMissingError("TF_USE_LEGACY_KERAS is set, but tf-keras is not installed; pip install tf-keras"
                               if package == "tf-keras" else describe_missing(package))
    return number


def describe_keras() -> str:
    """Return the package and version of that Keras, such as "keras 3.15.1"."""
    return f"{'tf-keras' if has_legacy_keras() else 'keras'} {read_keras_version()}"


def check_version() -> str:
    """Return the version of Keras. Raises FrameworkUnsupportedError if this code does not support it."""
    number = read_keras_version()
    release = tuple(map(int, re.findall(r"\d+", number)[:2]))
    first = FIRST_KERAS_2 if release < (3, 0) else FIRST_KERAS_3
    if not first <= release < UNKNOWN_KERAS:
        raise FrameworkUnsupportedError(f"Keras must be {SUPPORTED}, got {describe_keras()}")
    return number


def find_keras_backend() -> str:
    """Return the backend of Keras: "tensorflow", "jax" or "torch"; of Keras 2 "tensorflow".

    Raises FrameworkUnsupportedError if the setting cannot be read, and FrameworkMissingError if it is not installed.
    """
    is_keras_2, path = check_version().startswith("2."), find_config_path()
    configured = _read_config_backend(path)  # Keras reads the file even where KERAS_BACKEND decides
    if is_keras_2:
        return "tensorflow"
    name, setting = os.environ.get("KERAS_BACKEND"), "KERAS_BACKEND"
    if not name:
        name, setting = configured, f"backend in {path}"
    if name not in BACKENDS:
        raise FrameworkUnsupportedError(f"{setting} must be one of {', '.join(BACKENDS)}, got {name!r}")
    if find_spec(name) is None:
        raise FrameworkMissingError(f"{setting} is {name!r}, but {name} is not installed; pip install {name}")
    return name


def find_config_path() -> Path:
    """Return where Keras 3 looks for its settings."""
    if "KERAS_HOME" in os.environ:
        return Path(os.environ["KERAS_HOME"]).expanduser() / "keras.json"
    home = os.path.expanduser("~")
    return Path(home if os.access(home, os.W_OK) else "/tmp") / ".keras" / "keras.json"


def _read_config_backend(path: Path) -> object:
    try:
        if not path.exists():
            return "tensorflow"
        settings = json.loads(path.read_text())
    except (OSError, ValueError) as error:  # Keras takes its defaults for a text that is not JSON
        why = describe_error(error) if isinstance(error, OSError) else "it is not JSON"
        raise FrameworkUnsupportedError(f"{path} cannot be read: {why}") from None
    if not isinstance(settings, dict):
        raise FrameworkUnsupportedError(f"{path} must contain a JSON object, got {json.dumps(settings)[:60]}")
    return settings.get("backend", "tensorflow")


def check_keras(*, any_keras: bool) -> None:
    """Check the choice of Keras and its backend, and import Keras.

    any_keras: whether Keras 2 and other backends than TensorFlow are accepted. Raises FrameworkUnsupportedError,
    FrameworkMissingError.
    """
    if find_spec("tensorflow") is None:
        return  # TensorFlow, without which there is nothing to choose, is reported as missing
    if not any_keras:
        require_keras_3_on_tensorflow("this command")
    import_keras()


def import_keras() -> None:
    """Import Keras 3 before TensorFlow.

    With the torch backend Keras imports triton, whose library ends the process if TensorFlow has been loaded before.
    Raises FrameworkUnsupportedError if Keras does not accept its settings.
    """
    find_keras_backend()
    if check_version().startswith("2."):
        return
    try:
        importlib.import_module("keras")
    except ValueError as error:
        raise FrameworkUnsupportedError(f"Keras does not accept its settings: {' '.join(str(error).split())}") from None


def require_keras_3(what: str) -> None:
    """Raise FrameworkUnsupportedError unless Keras is Keras 3."""
    if check_version().startswith("2."):
        raise FrameworkUnsupportedError(f"{what} needs Keras 3, got {describe_keras()}")


def require_keras_3_on_tensorflow(what: str) -> None:
    """Raise FrameworkUnsupportedError unless Keras is Keras 3 with TensorFlow as its backend."""
    require_keras_3(what)
    require_tensorflow_backend(what)


def require_tensorflow_backend(what: str) -> None:
    """Raise FrameworkUnsupportedError unless Keras uses TensorFlow as its backend."""
    name = find_keras_backend()
    if name != "tensorflow":
        raise FrameworkUnsupportedError(f"{what} needs Keras' TensorFlow backend, got {name!r}; set "
                                   "KERAS_BACKEND=tensorflow")
