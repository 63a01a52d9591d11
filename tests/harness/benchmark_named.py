"""One schedule of each named kind, none of which stands still early."""

from __future__ import annotations

from frameworks.schedule import (
    Cosine,
    Cyclic,
    Delay,
    Interpolated,
    Linear,
    Noam,
    OneCycle,
    Override,
    Piecewise,
    Wsd,
)

_MILLION = 1_000_000
_cosine = Cosine(base_lr=0.3, final_lr=0.01, updates=_MILLION)

NAMED = (
    Linear(base_lr=0.3, updates=_MILLION),
    Piecewise(values=[0.1, 0.2] * 50, boundaries=list(range(10_000, _MILLION, 10_000))),
    Interpolated(points=[[t, 0.1 + t % 20_000 / 1e5] for t in range(0, _MILLION, 10_000)], mode="cosine"),
    Noam(d_model=512, warmup=4000),
    Delay(by=1000, of=_cosine),
    Override(of=_cosine, at=500_000, then=_cosine, clock="keep"),
    OneCycle(base_lr=0.01, peak_lr=0.3, rise=300_000.5, updates=_MILLION),
    Wsd(base_lr=0.3, warmup=1000, stable=1000, decay=_MILLION, tail="one_minus_sqrt"),
    Cyclic(low=0.1, high=0.3, up=2000, mode="exp_range", gamma=0.999999),
)
