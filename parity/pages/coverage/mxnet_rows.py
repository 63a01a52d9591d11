"""MXNet: mxnet.lr_scheduler, called by a Gluon Trainer, with 1 at the first update."""

from __future__ import annotations

from frameworks.schedule import Factor, MultiFactor, Polynomial, Shift, Warmup
from parity.pages.coverage.row import Library, Row, build_constant, build_half_cosine, join

_WARM = Shift(by=1, of=Warmup(updates=5, peak_lr=0.4, then=build_constant(0.4)))

LIBRARY = Library(
    name="mxnet", title="MXNet", how="called by a Gluon Trainer, with 1 at the first update", bases=("LRScheduler",),
    source="https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/lr_scheduler/index.html", rows=(
    Row("FactorScheduler(step=5, factor=0.5, stop_factor_lr=0.01, base_lr=0.4)",
        Factor(base_lr=0.4, factor=0.5, every=5, min_lr=0.01)),
    Row("FactorScheduler(step=5, factor=0.5, stop_factor_lr=0.01, base_lr=0.4, warmup_steps=5)",
        join([4], _WARM, Shift(by=4, of=Factor(base_lr=0.4, factor=0.5, every=5, min_lr=0.01))),
        note="counts the updates of the warm-up, which is one update shorter than `warmup_steps`"),
    Row("MultiFactorScheduler(step=[8, 12], factor=0.5, base_lr=0.4)",
        MultiFactor(base_lr=0.4, factor=0.5, milestones=[8, 12])),
    Row("MultiFactorScheduler(step=[8, 12], factor=0.5, base_lr=0.4, warmup_steps=5)",
        join([4], _WARM, Shift(by=4, of=MultiFactor(base_lr=0.4, factor=0.5, milestones=[8, 12])))),
    Row("PolyScheduler(max_update=20, base_lr=0.4, pwr=2, final_lr=0.01)",
        Shift(by=1, of=Polynomial(base_lr=0.4, final_lr=0.01, updates=20)), note="one update early"),
    Row("PolyScheduler(max_update=20, base_lr=0.4, pwr=2, final_lr=0.01, warmup_steps=5)",
        Shift(by=1, of=Warmup(updates=5, then=Polynomial(base_lr=0.4, final_lr=0.01, updates=15)))),
    Row("CosineScheduler(max_update=20, base_lr=0.4, final_lr=0.01)", Shift(by=1, of=build_half_cosine(0.4, 0.01, 20)),
        note="one update early"),
    Row("CosineScheduler(max_update=20, base_lr=0.4, final_lr=0.01, warmup_steps=5, warmup_begin_lr=0.1, "
        "warmup_mode='constant')",
        Shift(by=1, of=Warmup(updates=5, begin_lr=0.1, mode="constant", then=build_half_cosine(0.4, 0.01, 15)))),
))
