"""The native spelling of a schedule: what a framework's own classes say most nearly, and what is off about it."""

from __future__ import annotations

from collections.abc import Callable

from frameworks.schedule import Schedule
from parity.port.write.native import keras, mxnet, optax, torch
from parity.port.write.native.spelling import Spelling

#: Of each target: the function that returns the native spelling, None if there is none.
NATIVE: dict[str, Callable[[Schedule], Spelling | None]] = {
    "mxnet": mxnet.native, "torch": torch.native, "tensorflow": keras.native, "optax": optax.native}
