"""One schedule of each named kind, for its page."""

from __future__ import annotations

from frameworks.schedule import (
    Cosine,
    Cyclic,
    Delay,
    Interpolated,
    Linear,
    MultiFactor,
    Noam,
    OneCycle,
    Override,
    Piecewise,
    Wsd,
)

NAMED = (
    Linear(base_lr=0.5, final_lr=0.05, updates=30),
    Piecewise(values=[0.1, 0.5, 0.05], boundaries=[5, 30]),
    Interpolated(points=[[0, 0.1], [10, 0.5], [30, 0.05]]),
    Noam(d_model=64, warmup=15),
    Delay(by=15, of=Cosine(base_lr=0.3, final_lr=0.01, updates=25)),
    Override(of=Cosine(base_lr=0.3, final_lr=0.01, updates=40), at=20,
             then=MultiFactor(base_lr=0.1, factor=0.1, milestones=[15])),
    OneCycle(base_lr=0.02, peak_lr=0.5, final_lr=0.002, rise=14, updates=49),
    Wsd(base_lr=0.3, warmup=5, stable=20, decay=20, tail="one_minus_sqrt"),
    Cyclic(low=0.1, high=0.5, up=8, mode="triangular2"),
)
