"""PaddlePaddle: paddle.optimizer.lr, stepped after every update."""

from __future__ import annotations

import math

from frameworks.schedule import (
    CosineRestarts,
    Exponential,
    Factor,
    InverseSquareRoot,
    InverseTime,
    MultiFactor,
    Polynomial,
    PolynomialCycle,
    Product,
    Repeat,
    Sum,
    Warmup,
)
from parity.pages.coverage.metric_driven import build_plateau
from parity.pages.coverage.row import FUNCTION, Library, Row, build_constant, build_half_cosine, build_line, join

_NOAM = 0.25 / math.sqrt(5)
_WAVES = Repeat(updates=40, of=join([20], build_half_cosine(0.4, 0.01, 20), build_half_cosine(0.01, 0.4, 20)))
_TRIANGLE = Repeat(updates=16, of=join([8], build_line(0.0, 1.0, 8), build_line(1.0, 0.0, 8)))
_POWER = Polynomial(base_lr=0.4, final_lr=0.01, updates=20)

LIBRARY = Library(
    name="paddle", title="PaddlePaddle", how="stepped after every update", bases=("LRScheduler",),
    source="https://www.paddlepaddle.org.cn/documentation/docs/en/api/paddle/optimizer/Overview_en.html", rows=(
    Row("NoamDecay(d_model=16, warmup_steps=5)", Warmup(updates=5, then=InverseSquareRoot(base_lr=_NOAM, timescale=5)),
        note="the first update applies 0; the paper counts from 1, which is this shifted by 1"),
    Row("PiecewiseDecay([5, 12], [0.4, 0.2, 0.3])",
        join([5, 7], build_constant(0.4), build_constant(0.2), build_constant(0.3))),
    Row("NaturalExpDecay(0.4, gamma=0.1)", Factor(base_lr=0.4, factor=math.exp(-0.1))),
    Row("InverseTimeDecay(0.4, gamma=0.05)", InverseTime(base_lr=0.4, timescale=20)),
    Row("PolynomialDecay(0.4, 20, end_lr=0.01, power=2.0)", _POWER),
    Row("PolynomialDecay(0.4, 20, end_lr=0.01, cycle=True)", PolynomialCycle(base_lr=0.4, final_lr=0.01, updates=20),
        note="as in Keras"),
    Row("LinearWarmup(0.4, 5, 0.0, 0.4)", Warmup(updates=5, then=build_constant(0.4))),
    Row("LinearWarmup(PolynomialDecay(0.4, 20, end_lr=0.01, power=2.0), 5, 0.0, 0.4)", Warmup(updates=5, then=_POWER)),
    Row("ExponentialDecay(0.4, gamma=0.9)", Factor(base_lr=0.4, factor=0.9)),
    Row("MultiStepDecay(0.4, [5, 12], 0.5)", MultiFactor(base_lr=0.4, factor=0.5, milestones=[5, 12])),
    Row("StepDecay(0.4, 5, 0.5)", Factor(base_lr=0.4, factor=0.5, every=5)),
    Row("LambdaDecay(0.4, lambda epoch: 0.95 ** epoch)", Factor(base_lr=0.4, factor=0.95), note=FUNCTION),
    Row("MultiplicativeDecay(0.4, lambda epoch: 0.95)", Factor(base_lr=0.4, factor=0.95), note=FUNCTION),
    Row("ReduceOnPlateau(0.4)", build_plateau(least_change=1e-8)),
    Row("ReduceOnPlateau(0.4, factor=0.5, patience=1, cooldown=3)",
        build_plateau(factor=0.5, patience=1, cooldown=3, in_cooldown="ignore", least_change=1e-8),
        note="ignores metrics during a cooldown"),
    Row("CosineAnnealingDecay(0.4, 20, eta_min=0.01)", _WAVES, note="increases again after T_max"),
    Row("CosineAnnealingWarmRestarts(0.4, 10, eta_min=0.01)", Repeat(updates=10, of=build_half_cosine(0.4, 0.01, 10))),
    Row("CosineAnnealingWarmRestarts(0.4, 5, T_mult=2)", CosineRestarts(base_lr=0.4, updates=5, growth=2)),
    Row("OneCycleLR(0.5, total_steps=40, end_learning_rate=2e-06, phase_pct=0.25)",
        join([9], build_half_cosine(0.02, 0.5, 9), build_half_cosine(0.5, 2e-6, 30)), until=40,
        note="raises ValueError after its end"),
    Row("CyclicLR(0.1, 0.5, 8, 12)",
        Repeat(updates=20, of=join([8], build_line(0.1, 0.5, 8), build_line(0.5, 0.1, 12)))),
    Row("CyclicLR(0.1, 0.5, 8, mode='triangular2')",
        Repeat(updates=16, decay=0.5, min_lr=0.1, of=join([8], build_line(0.1, 0.5, 8), build_line(0.5, 0.1, 8)))),
    Row("CyclicLR(0.1, 0.5, 8, mode='exp_range', exp_gamma=0.9)",
        Sum(of=[build_constant(0.1), Product(of=[_TRIANGLE, Exponential(base_lr=0.4, factor=0.9, updates=1)])]),
        note="the lower rate stays the same"),
    Row("LinearLR(0.4, total_steps=8, start_factor=0.25)", build_line(0.1, 0.4, 8)),
))
