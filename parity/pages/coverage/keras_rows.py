"""Keras: keras.optimizers.schedules, with Python numbers as arguments, so that they compute in float32."""

from __future__ import annotations

from frameworks.schedule import (
    CosineRestarts,
    Exponential,
    Factor,
    Hold,
    InverseTime,
    Polynomial,
    PolynomialCycle,
    Repeat,
    Warmup,
)
from parity.pages.coverage.metric_driven import build_plateau
from parity.pages.coverage.row import ENDLESS, Library, Row, build_constant, build_half_cosine, build_increase, join

#: The settings of Keras' ReduceLROnPlateau that differ from the default.
_OWN = {"rule": "reaches", "threshold_mode": "absolute", "precision": "float32"}

LIBRARY = Library(
    name="keras", title="Keras", how="called with the optimizer's `iterations`", bits=32,
    bases=("LearningRateSchedule",), source="https://keras.io/api/optimizers/learning_rate_schedules/", rows=(
    Row("ExponentialDecay(0.4, decay_steps=10, decay_rate=0.5)", Exponential(base_lr=0.4, factor=0.5, updates=10)),
    Row("ExponentialDecay(0.4, decay_steps=10, decay_rate=0.5, staircase=True)",
        Factor(base_lr=0.4, factor=0.5, every=10)),
    Row("ExponentialDecay(0.4, decay_steps=10, decay_rate=1.5)", build_increase(0.4, 1.5, 10), until=100, note=ENDLESS),
    Row("PiecewiseConstantDecay([4, 11], [0.4, 0.2, 0.3])",
        join([5, 7], build_constant(0.4), build_constant(0.2), build_constant(0.3)),
        note="the old value still applies at the boundary"),
    Row("PolynomialDecay(0.4, decay_steps=20, end_learning_rate=0.01, power=2.0)",
        Polynomial(base_lr=0.4, final_lr=0.01, updates=20)),
    Row("PolynomialDecay(0.4, decay_steps=20, end_learning_rate=0.01, cycle=True)",
        PolynomialCycle(base_lr=0.4, final_lr=0.01, updates=20),
        note="all cycles have the same length; the line starts at update 0; compiled, some cycles start one update "
        "early"),
    Row("InverseTimeDecay(0.4, decay_steps=10, decay_rate=0.5)", InverseTime(base_lr=0.4, timescale=20)),
    Row("InverseTimeDecay(0.4, decay_steps=10, decay_rate=0.5, staircase=True)",
        Hold(updates=10, of=InverseTime(base_lr=0.4, timescale=2))),
    Row("CosineDecay(0.4, decay_steps=20, alpha=0.1)", build_half_cosine(0.4, 0.04, 20)),
    Row("CosineDecay(0.1, decay_steps=20, alpha=0.1, warmup_target=0.4, warmup_steps=5)",
        Warmup(updates=5, begin_lr=0.1, peak_lr=0.4, then=build_half_cosine(0.4, 0.04, 20))),
    Row("CosineDecayRestarts(0.4, first_decay_steps=10, t_mul=1.0, alpha=0.1)",
        Repeat(updates=10, of=build_half_cosine(0.4, 0.04, 10))),
    Row("CosineDecayRestarts(0.4, first_decay_steps=5, t_mul=2.0, m_mul=0.5)",
        CosineRestarts(base_lr=0.4, updates=5, growth=2, decay=0.5)),
    Row("ReduceLROnPlateau()", build_plateau(**_OWN)),
    Row("ReduceLROnPlateau(factor=0.5, patience=4, mode='max', min_delta=0.01, cooldown=3, min_lr=0.001)",
        build_plateau(**_OWN | {"factor": 0.5, "patience": 4, "direction": "max", "threshold": 0.01, "cooldown": 3,
                                "min_lr": 0.001})),
))
