"""The specification of learning-rate schedules.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.

A schedule is a pure function of `t`: no state, no step(), any `t` at any time, in float64. What an optimizer applies
at that update is the float32 nearest to `lr(t)`. Rates that are not zero but below the smallest normal float32,
1.18e-38, are outside the contract: kernels flush them differently.

>>> from frameworks.schedule import Cosine, Warmup, loads, lrs
>>> schedule = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
>>> schedule.lr(5)
0.3
>>> lrs(schedule, 3).tolist()
[0.0, 0.06, 0.12]
>>> loads('{"kind": "constant", "base_lr": 0.3}').lr(0)
0.3
"""

from frameworks.schedule.annealing import Annealing, PowerLaw
from frameworks.schedule.arrays import lrs
from frameworks.schedule.clocks import Hold, Shift
from frameworks.schedule.combinations import Maximum, Minimum, Product, Sum
from frameworks.schedule.curves import Cosine, InverseSquareRoot, InverseTime, Polynomial
from frameworks.schedule.cycles import PolynomialCycle
from frameworks.schedule.exponential import Exponential
from frameworks.schedule.files import SpecificationError, dumps, loads, read, write
from frameworks.schedule.named import (
    Cyclic,
    Delay,
    Interpolated,
    Linear,
    Noam,
    OneCycle,
    Override,
    Piecewise,
    Wsd,
    expanded,
)
from frameworks.schedule.phases import Sequence, Warmup
from frameworks.schedule.plateau import ReduceOnPlateau
from frameworks.schedule.plateau_files import loads_plateau, read_plateau
from frameworks.schedule.rates import Clamp, Scale
from frameworks.schedule.rounds import CosineRestarts, Repeat
from frameworks.schedule.steps import Constant, Factor, MultiFactor
from frameworks.schedule.union import KINDS, Schedule

__all__ = [
    "KINDS", "Annealing", "Clamp", "Constant", "Cosine", "CosineRestarts", "Cyclic", "Delay", "Exponential",
    "Factor", "Hold", "Interpolated", "InverseSquareRoot", "InverseTime", "Linear", "Maximum", "Minimum",
    "MultiFactor", "Noam", "OneCycle", "Override", "Piecewise", "Polynomial", "PolynomialCycle", "PowerLaw", "Product",
    "ReduceOnPlateau", "Repeat", "Scale", "Schedule", "Sequence", "Shift", "SpecificationError", "Sum", "Warmup", "Wsd",
    "dumps", "expanded", "loads", "loads_plateau", "lrs", "read", "read_plateau", "write",
]
