"""mmengine: mmengine.optim.scheduler, on an optimizer with lr=0.4; per update, or per epoch of 4 updates."""

from __future__ import annotations

from frameworks.schedule import Factor, Hold, MultiFactor, Polynomial, Repeat
from parity.pages.coverage.metric_driven import build_plateau
from parity.pages.coverage.row import LR, Library, Row, build_constant, build_half_cosine, build_line, join

LIBRARY = Library(
    name="mmengine", title="MMEngine", how="step() after every update, with by_epoch after every epoch, of 4 updates",
    source="https://mmengine.readthedocs.io/en/latest/api/optim.html", bases=("LRSchedulerMixin",), rows=(
    Row("LinearLR(optimizer, start_factor=0.1, end=10, by_epoch=False)", build_line(LR * 0.1, LR, 9),
        note="reaches end_factor one update before end"),
    Row("LinearLR(optimizer, start_factor=0.1, end=10)", Hold(updates=4, of=build_line(LR * 0.1, LR, 9)),
        note="counts epochs"),
    Row("ConstantLR(optimizer, factor=0.1, end=10, by_epoch=False)",
        join([9], build_constant(LR * 0.1), build_constant(LR)),
        note="restores the rate one update before end"),
    Row("StepLR(optimizer, step_size=5, gamma=0.5, by_epoch=False)", Factor(base_lr=LR, factor=0.5, every=5)),
    Row("StepLR(optimizer, step_size=5, gamma=0.5, begin=3, end=14, by_epoch=False)",
        MultiFactor(base_lr=LR, factor=0.5, milestones=[8, 13]), note="counts from begin"),
    Row("MultiStepLR(optimizer, milestones=[5, 12], gamma=0.5, by_epoch=False)",
        MultiFactor(base_lr=LR, factor=0.5, milestones=[5, 12])),
    Row("ExponentialLR(optimizer, gamma=0.9, by_epoch=False)", Factor(base_lr=LR, factor=0.9)),
    Row("CosineAnnealingLR(optimizer, T_max=20, eta_min=0.01, by_epoch=False)",
        Repeat(updates=40, of=join([20], build_half_cosine(LR, 0.01, 20), build_half_cosine(0.01, LR, 20)))),
    Row("CosineAnnealingLR(optimizer, eta_min=0.01, end=20, by_epoch=False)",
        join([20], build_half_cosine(LR, 0.01, 20), build_constant(build_half_cosine(LR, 0.01, 20).lr(19))),
        note="does not reach eta_min"),
    Row("PolyLR(optimizer, power=2.0, eta_min=0.01, end=20, by_epoch=False)",
        Polynomial(base_lr=LR, final_lr=0.01, power=2.0, updates=19), note="reaches eta_min one update before end"),
    Row("OneCycleLR(optimizer, eta_max=0.5, total_steps=40, by_epoch=False)", join(
        [11], build_half_cosine(0.02, 0.5, 11), build_half_cosine(0.5, 0.000002, 28)), until=40),
    Row("CosineRestartLR(optimizer, periods=[10, 20], restart_weights=[1, 0.5], eta_min=0.01, by_epoch=False)",
        join([10, 20], build_half_cosine(LR, 0.01, 10), build_half_cosine(LR / 2, 0.01, 20),
             build_constant(build_half_cosine(LR / 2, 0.01, 20).lr(19)))),
    Row("ReduceOnPlateauLR(optimizer, monitor='loss')", build_plateau()),
    Row("ReduceOnPlateauLR(optimizer, monitor='loss', factor=0.5, patience=4, min_value=0.001)",
        build_plateau(factor=0.5, patience=4, min_lr=0.001)),
))
