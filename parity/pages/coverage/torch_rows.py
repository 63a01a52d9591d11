"""PyTorch: torch.optim.lr_scheduler and torch.optim.swa_utils, on an optimizer with lr=0.4."""

from __future__ import annotations

from frameworks.schedule import (
    CosineRestarts,
    Exponential,
    Factor,
    Hold,
    InverseTime,
    MultiFactor,
    Polynomial,
    Product,
    Repeat,
    Scale,
    Sequence,
    Shift,
    Sum,
)
from parity.pages.coverage.metric_driven import build_plateau
from parity.pages.coverage.row import (
    ENDLESS,
    FUNCTION,
    LR,
    Library,
    Row,
    build_annealing,
    build_constant,
    build_half_cosine,
    build_increase,
    build_line,
    join,
)

_CYCLE = Repeat(updates=20, of=join([8], build_line(0.1, 0.5, 8), build_line(0.5, 0.1, 12)))
_TRIANGLE = Repeat(updates=16, of=join([8], build_line(0.0, 1.0, 8), build_line(1.0, 0.0, 8)))
_DOWN_AND_UP = Repeat(updates=40, of=join([20], build_half_cosine(LR, 0.01, 20), build_half_cosine(0.01, LR, 20)))
_HALVED = Polynomial(base_lr=LR, power=1, updates=20)

LIBRARY = Library(
    name="torch", title="PyTorch", how="stepped after every update", bases=("LRScheduler",),
    source="https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate", rows=(
    Row("StepLR(optimizer, step_size=5, gamma=0.5)", Factor(base_lr=LR, factor=0.5, every=5)),
    Row("MultiStepLR(optimizer, milestones=[5, 12], gamma=0.5)",
        MultiFactor(base_lr=LR, factor=0.5, milestones=[5, 12])),
    Row("MultiStepLR(optimizer, milestones=[5, 5, 12], gamma=0.5)",
        join([5, 7], build_constant(LR), build_constant(LR / 4), build_constant(LR / 8)),
        note="the repeated milestone applies gamma twice"),
    Row("ConstantLR(optimizer, factor=0.5, total_iters=5)", join([5], build_constant(LR / 2), build_constant(LR))),
    Row("LinearLR(optimizer, start_factor=0.25, end_factor=1.0, total_iters=8)", build_line(LR / 4, LR, 8)),
    Row("ExponentialLR(optimizer, gamma=0.9)", Factor(base_lr=LR, factor=0.9)),
    Row("ExponentialLR(optimizer, gamma=1.1)", build_increase(LR, 1.1, 1), until=200, note=ENDLESS),
    Row("PolynomialLR(optimizer, total_iters=20, power=2.0)", Polynomial(base_lr=LR, updates=20)),
    Row("CosineAnnealingLR(optimizer, T_max=20, eta_min=0.01)", _DOWN_AND_UP, note="increases again after T_max"),
    Row("CosineAnnealingWarmRestarts(optimizer, T_0=10, eta_min=0.01)",
        Repeat(updates=10, of=build_half_cosine(LR, 0.01, 10))),
    Row("CosineAnnealingWarmRestarts(optimizer, T_0=5, T_mult=2)", CosineRestarts(base_lr=LR, updates=5, growth=2)),
    Row("CyclicLR(optimizer, 0.1, 0.5, step_size_up=8, step_size_down=12, cycle_momentum=False)", _CYCLE),
    Row("CyclicLR(optimizer, 0.1, 0.5, step_size_up=8, mode='triangular2', cycle_momentum=False)",
        Repeat(updates=16, decay=0.5, min_lr=0.1, of=join([8], build_line(0.1, 0.5, 8), build_line(0.5, 0.1, 8)))),
    Row("CyclicLR(optimizer, 0.1, 0.5, step_size_up=8, mode='exp_range', gamma=0.9, cycle_momentum=False)",
        Sum(of=[build_constant(0.1), Product(of=[_TRIANGLE, Exponential(base_lr=0.4, factor=0.9, updates=1)])]),
        note="the lower rate stays the same"),
    Row("CyclicLR(optimizer, 0.1, 0.5, step_size_up=8, scale_fn=lambda x: 1 / x, cycle_momentum=False)",
        Sum(of=[build_constant(0.1),
                Product(of=[_TRIANGLE, Hold(updates=16, of=InverseTime(base_lr=0.4, timescale=1))])]),
        note=FUNCTION),
    Row("OneCycleLR(optimizer, max_lr=0.5, total_steps=40, pct_start=0.25, cycle_momentum=False)",
        join([9], build_half_cosine(0.02, 0.5, 9), build_half_cosine(0.5, 2e-6, 30)), until=40,
        note="raises ValueError after its end"),
    Row("OneCycleLR(optimizer, max_lr=0.5, total_steps=40, pct_start=0.25, anneal_strategy='linear', "
        "three_phase=True, cycle_momentum=False)",
        join([9, 9], build_line(0.02, 0.5, 9), build_line(0.5, 0.02, 9), build_line(0.02, 2e-6, 21)), until=40,
        note="raises ValueError after its end"),
    Row("OneCycleLR(optimizer, max_lr=0.5, total_steps=25, pct_start=0.3, cycle_momentum=False)",
        join([7], build_annealing(0.02, 0.5, 6.5, "cosine"), build_annealing(0.5, 2e-6, 17.5, "cosine", elapsed=0.5)),
        until=25,
        note="the first phase ends between two updates"),
    Row("SequentialLR(optimizer, [LinearLR(optimizer, start_factor=0.25, total_iters=8), "
        "CosineAnnealingLR(optimizer, T_max=20, eta_min=0.01)], milestones=[8])",
        join([8], build_line(LR / 4, LR, 8), _DOWN_AND_UP)),
    Row("ChainedScheduler([ConstantLR(optimizer, factor=0.5, total_iters=5), "
        "LinearLR(optimizer, start_factor=1.0, end_factor=0.0, total_iters=20)])",
        Sequence(parts=[Scale(by=0.5, of=_HALVED), Shift(by=5, of=_HALVED)], boundaries=[5])),
    Row("ChainedScheduler([LinearLR(optimizer, total_iters=8), ExponentialLR(optimizer, 0.9)])",
        Product(of=[build_line(LR / 3, LR, 8), Factor(base_lr=1.0, factor=0.9)])),
    Row("LambdaLR(optimizer, lambda epoch: 0.95 ** epoch)", Factor(base_lr=LR, factor=0.95), note=FUNCTION),
    Row("MultiplicativeLR(optimizer, lambda epoch: 0.95)", Factor(base_lr=LR, factor=0.95), note=FUNCTION),
    Row("ReduceLROnPlateau(optimizer)", build_plateau(least_change=1e-8)),
    Row("ReduceLROnPlateau(optimizer, 'max', factor=0.5, patience=4, threshold=0.01, threshold_mode='abs', "
        "cooldown=3, min_lr=0.001)",
        build_plateau(factor=0.5, patience=4, direction="max", threshold=0.01, threshold_mode="absolute", cooldown=3,
                      min_lr=0.001, least_change=1e-8)),
    Row("SWALR(optimizer, swa_lr=0.1, anneal_epochs=10)", build_half_cosine(LR, 0.1, 10),
        note="used alone; after another scheduler it starts from the current rate"),
    Row("SWALR(optimizer, swa_lr=0.1, anneal_epochs=10, anneal_strategy='linear')", build_line(LR, 0.1, 10)),
))
