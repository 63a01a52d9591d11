"""Reads schedulers of frameworks as specifications, and writes specifications as code: python -m parity port.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from parity.port.ports import ported
from parity.port.read import SOURCES, Reading, read_text
from parity.port.read.literal import PortError
from parity.port.read.objects import read_object, specification
from parity.port.write import formulas_combinations  # noqa: F401  (registers its kinds)

__all__ = ["SOURCES", "PortError", "Reading", "ported", "read_object", "read_text", "specification"]
