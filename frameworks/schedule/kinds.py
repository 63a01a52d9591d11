"""Exports every kind. Made by: python -m parity kinds"""

from frameworks.schedule.annealing import Annealing, PowerLaw
from frameworks.schedule.clocks import Hold, Shift
from frameworks.schedule.combinations import Maximum, Minimum, Product, Sum
from frameworks.schedule.curves import Cosine, InverseSquareRoot, InverseTime, Polynomial
from frameworks.schedule.cycles import PolynomialCycle
from frameworks.schedule.exponential import Exponential
from frameworks.schedule.named.changes import Delay, Override
from frameworks.schedule.named.cycles import Cyclic, OneCycle
from frameworks.schedule.named.lines import Interpolated, Linear, Piecewise
from frameworks.schedule.named.trainings import Noam, Wsd
from frameworks.schedule.phases import Sequence, Warmup
from frameworks.schedule.rates import Clamp, Scale
from frameworks.schedule.rounds import CosineRestarts, Repeat
from frameworks.schedule.steps import Constant, Factor, MultiFactor

__all__ = [
    "Annealing", "Clamp", "Constant", "Cosine", "CosineRestarts", "Cyclic", "Delay", "Exponential", "Factor", "Hold",
    "Interpolated", "InverseSquareRoot", "InverseTime", "Linear", "Maximum", "Minimum", "MultiFactor", "Noam",
    "OneCycle", "Override", "Piecewise", "Polynomial", "PolynomialCycle", "PowerLaw", "Product", "Repeat", "Scale",
    "Sequence", "Shift", "Sum", "Warmup", "Wsd",
]
