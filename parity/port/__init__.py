"""Reads schedulers of frameworks as specifications, and writes specifications as code: python -m parity port.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from typing import Any

from parity.port.read import SOURCES, Reading, read_text
from parity.port.read.literal import PortError
from parity.port.read.objects import read_object, specification
from parity.port.write import formulas_combinations  # noqa: F401  (registers its kinds)

__all__ = ["SOURCES", "PortError", "Reading", "ported", "read_object", "read_text", "specification"]


def ported(scheduler: Any, to: str, optimizer: Any = None, *, updates_per_epoch: int | None = None) -> str:
    """Return a scheduler object as code for a framework: specification, code, rates around each change, and traps.

    scheduler: an object of MXNet, GluonCV, torch (ReduceLROnPlateau too), Keras, timm, transformers, or of `build`.
    One that has been stepped is read as what is still to come.
    to: "mxnet", "torch", "tensorflow", "optax", a synonym such as "keras", or a library such as "timm".
    optimizer: the optimizer or Trainer of MXNet or Keras that has made updates with it (default: None, no updates).
    updates_per_epoch: for schedulers of timm that count epochs (default: None).
    Raises PortError, one sentence.
    """
    from parity.port.ports import write_object  # which runs parity.port.measured as a program

    return write_object(scheduler, to, optimizer, updates_per_epoch)
