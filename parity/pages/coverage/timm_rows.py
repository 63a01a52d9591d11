"""timm: timm.scheduler, on an optimizer with lr=0.4; per update, or per epoch of 4 updates."""

from __future__ import annotations

from frameworks.schedule import (
    CosineRestarts,
    Factor,
    Hold,
    InverseSquareRoot,
    MultiFactor,
    Polynomial,
    Product,
    Repeat,
    Warmup,
)
from parity.pages.coverage.row import FUNCTION, LR, Library, Row, bent, flat, joined, line, wave
from parity.pages.coverage.told import told

LIBRARY = Library(
    name="timm", title="timm", how="step_update() after every update, step() after every epoch, of 4 updates here",
    source="https://huggingface.co/docs/timm/reference/schedulers", rows=(
    Row("CosineLRScheduler(optimizer, t_initial=20, lr_min=0.01, t_in_epochs=False)", wave(LR, 0.01, 20)),
    Row("CosineLRScheduler(optimizer, t_initial=10, lr_min=0.01)", Hold(updates=4, of=wave(LR, 0.01, 10)),
        note="counts epochs"),
    Row("CosineLRScheduler(optimizer, t_initial=20, lr_min=0.01, warmup_t=5, t_in_epochs=False)",
        Warmup(updates=5, peak_lr=LR, clock="keep", then=wave(LR, 0.01, 20)),
        note="the cosine starts with the warm-up, and the rate jumps down at the end of the warm-up"),
    Row("CosineLRScheduler(optimizer, t_initial=20, lr_min=0.01, warmup_t=5, warmup_prefix=True, t_in_epochs=False)",
        Warmup(updates=5, then=wave(LR, 0.01, 20))),
    Row("CosineLRScheduler(optimizer, t_initial=10, lr_min=0.01, cycle_limit=3, t_in_epochs=False)",
        joined([30], Repeat(updates=10, of=wave(LR, 0.01, 10)), flat(0.01))),
    Row("CosineLRScheduler(optimizer, t_initial=5, lr_min=0.01, cycle_limit=3, cycle_mul=2.0, cycle_decay=0.5, "
        "t_in_epochs=False)",
        joined([35], CosineRestarts(base_lr=LR, final_lr=0.01, updates=5, growth=2, decay=0.5, sinks="peak"),
               flat(0.01))),
    Row("CosineLRScheduler(optimizer, t_initial=20, k_decay=1.5, t_in_epochs=False)",
        bent(LR, 0, 20, "cosine", elapsed_power=1.5)),
    Row("CosineLRScheduler(optimizer, t_initial=20, noise_range_t=10, t_in_epochs=False)", refused="random noise",
        note="the same for every scheduler of timm"),
    Row("StepLRScheduler(optimizer, decay_t=5, decay_rate=0.5, t_in_epochs=False)",
        Factor(base_lr=LR, factor=0.5, every=5)),
    Row("StepLRScheduler(optimizer, decay_t=5, decay_rate=0.5, warmup_t=5, t_in_epochs=False)",
        Warmup(updates=5, then=Factor(base_lr=LR, factor=0.5, every=5))),
    Row("StepLRScheduler(optimizer, decay_t=2.4, decay_rate=0.5, t_in_epochs=False)",
        MultiFactor(base_lr=LR, factor=0.5, milestones=[3, 5, 8, 10, 12, 15, 17, 20, 22]), until=24,
        rounds="drops between updates", note="lists each milestone"),
    Row("MultiStepLRScheduler(optimizer, [5, 12], 0.5, t_in_epochs=False)",
        MultiFactor(base_lr=LR, factor=0.5, milestones=[4, 11]), note="drops one update early"),
    Row("PolyLRScheduler(optimizer, t_initial=20, power=2.0, lr_min=0.01, t_in_epochs=False)",
        Polynomial(base_lr=LR, final_lr=0.01, updates=20)),
    Row("PolyLRScheduler(optimizer, t_initial=20, power=2.0, k_decay=0.5, t_in_epochs=False)",
        bent(LR, 0, 20, power=2.0, elapsed_power=0.5)),
    Row("TanhLRScheduler(optimizer, t_initial=20, t_in_epochs=False)", refused="hyperbolic tangent"),
    Row("PlateauLRScheduler(optimizer)", told(direction="max", least_change=1e-8)),
    Row("PlateauLRScheduler(optimizer, decay_rate=0.5, patience_t=4, mode='min', lr_min=0.001)",
        told(factor=0.5, patience=4, min_lr=0.001, least_change=1e-8)),
    Row("WSDLRScheduler(optimizer, t_initial=20, decay_t=10, decay_fn='linear', warmup_t=5, t_in_epochs=False)",
        Warmup(updates=5, then=joined([10], flat(LR), line(LR, 0, 10)))),
    Row("WSDLRScheduler(optimizer, t_initial=20, decay_t=10, decay_fn='cosine', warmup_t=5, t_in_epochs=False)",
        Warmup(updates=5, then=joined([10], flat(LR), wave(LR, 0, 10)))),
    Row("WSDLRScheduler(optimizer, t_initial=20, decay_t=10, warmup_t=5, t_in_epochs=False)",
        Warmup(updates=5, then=joined([10], flat(LR), bent(LR, 0, 10, elapsed_power=0.5))), note="its default"),
    Row("WSDLRScheduler(optimizer, t_initial=20, decay_t=10, decay_fn='power', decay_power=2.0, t_in_epochs=False)",
        joined([10], flat(LR), bent(LR, 0, 10, elapsed_power=2.0))),
    Row("WSDLRScheduler(optimizer, t_initial=20, decay_t=10, decay_fn='exp', t_in_epochs=False)",
        refused="an exponential minus a constant"),
    Row("WSDLRScheduler(optimizer, t_initial=20, decay_t=10, stable_fn='rsqrt', decay_fn='linear', warmup_t=5, "
        "t_in_epochs=False)",
        Warmup(updates=5, then=Product(of=[InverseSquareRoot(base_lr=LR, timescale=5),
                                           joined([10], flat(1.0), line(1.0, 0, 10))]))),
    Row("WSDLRScheduler(optimizer, t_initial=20, decay_t=10, decay_fn=lambda share: 1 - share, t_in_epochs=False)",
        joined([10], flat(LR), line(LR, 0, 10)), note=FUNCTION),
))
