"""The named kinds: compositions of other kinds, under the names that people use. No backend has a function for them."""

from frameworks.schedule.named.base import Named, expanded
from frameworks.schedule.named.changes import Delay, Override
from frameworks.schedule.named.cycles import Cyclic, OneCycle
from frameworks.schedule.named.lines import Interpolated, Linear, Piecewise
from frameworks.schedule.named.trainings import Noam, Wsd

__all__ = [
    "Cyclic", "Delay", "Interpolated", "Linear", "Named", "Noam", "OneCycle", "Override", "Piecewise", "Wsd",
    "expanded",
]
