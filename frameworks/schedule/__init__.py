"""Specifies learning-rate schedules as functions of the number of updates.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.

A schedule is a pure function of `t` in float64: it has no state and no step(), and accepts any `t` in any order. An
optimizer applies the float32 nearest to `lr(t)`. Rates that are not 0 but below the smallest normal float32, 1.18e-38,
are outside the contract: kernels flush them differently.

>>> from frameworks.schedule import Cosine, Warmup, loads, lrs
>>> schedule = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
>>> schedule.lr(5)
0.3
>>> lrs(schedule, 3).tolist()
[0.0, 0.06, 0.12]
>>> loads('{"kind": "constant", "base_lr": 0.3}').lr(0)
0.3
"""

from frameworks.schedule import kinds
from frameworks.schedule.arrays import lrs
from frameworks.schedule.files import SpecificationError, dumps, loads, read, write
from frameworks.schedule.kinds import *  # noqa: F403  (every kind)
from frameworks.schedule.named import expand
from frameworks.schedule.plateau import ReduceOnPlateau
from frameworks.schedule.plateau_files import loads_plateau, read_plateau
from frameworks.schedule.union import KINDS, Schedule

__all__ = [
    "KINDS", "ReduceOnPlateau", "Schedule", "SpecificationError", "dumps", "expand", "loads", "loads_plateau", "lrs",
    "read", "read_plateau", "write",
]
__all__ += kinds.__all__
