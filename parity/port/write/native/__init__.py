"""Writes a schedule with the built-in classes of a framework, with a note about the difference."""

from __future__ import annotations

from collections.abc import Callable

from frameworks.schedule import Schedule
from parity.port.write.native import keras, mxnet, optax, torch
from parity.port.write.native.spelling import Spelling

#: The function for each target. It returns the spelling with built-in classes, None without such a class.
NATIVE: dict[str, Callable[[Schedule], Spelling | None]] = {
    "mxnet": mxnet.write_built_in, "torch": torch.write_built_in, "tensorflow": keras.write_built_in,
    "optax": optax.write_built_in}
