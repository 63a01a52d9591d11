"""The cases where mistakes hide, and those of the algebra: any schedule inside any other."""

from __future__ import annotations

from frameworks.schedule import (
    Clamp,
    Constant,
    Cosine,
    Exponential,
    Factor,
    Hold,
    InverseSquareRoot,
    InverseTime,
    MultiFactor,
    Polynomial,
    Repeat,
    Scale,
    Sequence,
    Shift,
    Warmup,
)
from parity.cases.chapter import Case, cosine, multi_factor, polynomial, square_root

many_drops = MultiFactor(base_lr=1.0, factor=0.97, milestones=list(range(3, 300, 4)))
up_and_down = Sequence(parts=[Polynomial(base_lr=0.1, final_lr=0.5, power=1, updates=4),
                              Polynomial(base_lr=0.5, final_lr=0.1, power=1, updates=6)], boundaries=[4])

#: Where mistakes hide.
EDGES = {
    "rate_zero": Case(Constant(base_lr=0.0), torch="ConstantLR"),
    "milestone_at_1": Case(
        MultiFactor(base_lr=0.3, factor=0.3, milestones=[1, 2, 49]),
        "MultiFactorScheduler", "MultiStepLR", "PiecewiseConstantDecay"),
    "warmup_past_a_milestone": Case(
        Warmup(updates=12, begin_lr=0.01, clock="keep",
               then=MultiFactor(base_lr=0.4, factor=0.1, milestones=[1, 5, 13])),
        "MultiFactorScheduler", "", "PiecewiseConstantDecay"),
    "warmup_restarts_milestones": Case(
        Warmup(updates=8, then=MultiFactor(base_lr=0.4, factor=0.1, milestones=[3, 30])),
        "MultiFactorScheduler", "", "PiecewiseConstantDecay"),
    "warmup_factor_cliff": Case(
        Warmup(updates=8, clock="keep", then=Factor(base_lr=1.0, factor=0.5, every=3)),
        "FactorScheduler", "", "ExponentialDecay"),
    "warmup_to_another_peak": Case(Warmup(updates=7, begin_lr=0.1, peak_lr=0.7, then=cosine),
                                   "CosineScheduler", "", "CosineDecay"),
    "warmup_downwards": Case(Warmup(updates=7, begin_lr=0.9, then=polynomial), "PolyScheduler", "", "PolynomialDecay"),
    "warmup_of_one": Case(Warmup(updates=1, then=cosine), "CosineScheduler", "", "CosineDecay"),
    "polynomial_of_one": Case(Polynomial(base_lr=0.3, updates=1), "PolyScheduler", "", "PolynomialDecay"),
    "cosine_of_one": Case(Cosine(base_lr=0.3, final_lr=0.2, updates=1), "CosineScheduler", "", "CosineDecay"),
    "cosine_to_zero": Case(Cosine(base_lr=0.3, updates=1000), "CosineScheduler", "", "CosineDecay"),
    "cosine_upwards": Case(Cosine(base_lr=0.0, final_lr=0.3, updates=20), "CosineScheduler", "", ""),
    "polynomial_by_the_root": Case(
        Polynomial(base_lr=0.3, final_lr=0.07, power=0.5, updates=41), "PolyScheduler"),
    "warmup_polynomial": Case(
        Warmup(updates=10, then=Polynomial(base_lr=0.1, power=0.9, updates=90)), "PolyScheduler"),
    "factor_without_floor": Case(Factor(base_lr=1.0, factor=0.9, every=3), "FactorScheduler", "StepLR",
                                 "ExponentialDecay", at_least=1000),
    "factor_near_one": Case(
        Factor(base_lr=0.3, factor=0.999), "FactorScheduler", "", "ExponentialDecay", at_least=2000),
    "factor_of_49": Case(Factor(base_lr=1.0, factor=0.5, every=49), "FactorScheduler", "StepLR", "ExponentialDecay",
                         at_least=150),
    "factor_held": Case(Hold(updates=7, of=Factor(base_lr=1.0, factor=0.5, every=3)), "FactorScheduler", "StepLR",
                        "ExponentialDecay", at_least=150),
    "milestones_many": Case(many_drops, "MultiFactorScheduler"),
    "milestones_many_scaled": Case(Scale(by=1 / 3, of=many_drops), "MultiFactorScheduler"),
    "milestones_many_in_a_sequence": Case(
        Sequence(parts=[Warmup(updates=5, then=many_drops), many_drops], boundaries=[40]), "MultiFactorScheduler"),
    "square_root_slow": Case(InverseSquareRoot(base_lr=0.05, timescale=100.0), at_least=2000),
    "inverse_time": Case(InverseTime(base_lr=0.1), "", "", "InverseTimeDecay"),
    "inverse_time_slow": Case(InverseTime(base_lr=0.05, timescale=130.5), "", "", "InverseTimeDecay", at_least=2000),
    "exponential": Case(Exponential(base_lr=0.1, factor=0.9, updates=7), "", "", "ExponentialDecay", at_least=2000),
    "exponential_of_one": Case(
        Exponential(base_lr=0.3, factor=0.9, updates=1), "", "ExponentialLR", "ExponentialDecay"),
    "far_past_the_end": Case(Cosine(base_lr=0.3, final_lr=0.01, updates=20), "CosineScheduler", "", "CosineDecay",
                             at_least=2000),
}

#: The algebra.
NESTED = {
    "shift_past_a_milestone": Case(Shift(by=20, of=multi_factor), "MultiFactorScheduler", "", "PiecewiseConstantDecay"),
    "shift_past_the_end_of_cosine": Case(Shift(by=30, of=cosine), "CosineScheduler", "", "CosineDecay"),
    "shift_past_the_end_of_polynomial": Case(Shift(by=50, of=polynomial), "PolyScheduler", "", "PolynomialDecay"),
    "shift_down_a_long_factor": Case(  # where repeated multiplication has drifted, and nothing larger came before
        Shift(by=300, of=Factor(base_lr=0.3000000026634299, factor=0.95)), "FactorScheduler", "", "ExponentialDecay"),
    "warmup_past_the_end": Case(Warmup(updates=40, clock="keep", then=cosine), "CosineScheduler", "", "CosineDecay"),
    "scale": Case(Scale(by=1 / 3, of=polynomial), "PolyScheduler", "", "PolynomialDecay"),
    "clamp": Case(Clamp(min_lr=0.02, max_lr=0.2, of=cosine), "CosineScheduler", "", "CosineDecay"),
    "sequence_restarts": Case(
        Sequence(parts=[cosine, cosine, Constant(base_lr=0.005)], boundaries=[20, 40]),
        "CosineScheduler", "", "CosineDecay"),
    "sequence_of_one_each": Case(
        Sequence(parts=[Constant(base_lr=0.1), cosine, Constant(base_lr=0.2)], boundaries=[1, 2]),
        "CosineScheduler", "", "CosineDecay"),
    "hold_of_hold": Case(Hold(updates=3, of=Hold(updates=5, of=multi_factor)),
                         "MultiFactorScheduler", "MultiStepLR", "PiecewiseConstantDecay"),
    "hold_across_warmup": Case(
        Warmup(updates=7, then=Hold(updates=4, of=cosine)), "CosineScheduler", "", "CosineDecay"),
    "repeat": Case(Repeat(updates=20, of=cosine), "CosineScheduler", "CosineAnnealingWarmRestarts", "CosineDecay"),
    "repeat_of_one": Case(Repeat(updates=1, of=cosine), "CosineScheduler", "", "CosineDecay"),
    "repeat_past_the_end": Case(Repeat(updates=27, of=cosine), "CosineScheduler", "", "CosineDecay", at_least=1000),
    "repeat_up_and_down": Case(Repeat(updates=10, of=up_and_down), "PolyScheduler", "", "PolynomialDecay"),
    "repeat_of_repeat": Case(
        Warmup(updates=3, then=Repeat(updates=40, of=Scale(by=0.5, of=Repeat(updates=13, of=multi_factor)))),
        "MultiFactorScheduler", "", "PiecewiseConstantDecay", at_least=200),
    "deep": Case(
        Clamp(min_lr=0.001, max_lr=0.45, of=Scale(by=0.9, of=Sequence(
            parts=[
                Warmup(updates=9, begin_lr=0.02, then=Hold(updates=3, of=Shift(by=2, of=polynomial))),
                Shift(by=1, of=Warmup(updates=6, mode="constant", clock="keep", then=Factor(
                    base_lr=0.5, factor=0.8, every=4, min_lr=0.05))),
                Sequence(parts=[square_root, Scale(by=2.0, of=cosine)], boundaries=[11]),
            ],
            boundaries=[31, 60]))),
        "CosineScheduler FactorScheduler PolyScheduler", "", "CosineDecay ExponentialDecay PolynomialDecay"),
}
