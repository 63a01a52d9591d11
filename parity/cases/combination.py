"""The cases of several schedules put together: sum, product, minimum, maximum."""

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
    Maximum,
    Minimum,
    Polynomial,
    Product,
    Repeat,
    Scale,
    Sequence,
    Shift,
    Sum,
    Warmup,
)
from parity.cases.chapter import Case, cosine, multi_factor, polynomial

triangle = Repeat(updates=16, of=Sequence(parts=[Polynomial(base_lr=0.0, final_lr=1.0, power=1, updates=8),
                                                 Polynomial(base_lr=1.0, final_lr=0.0, power=1, updates=8)],
                                          boundaries=[8]))
warm = Warmup(updates=5, then=Constant(base_lr=1.0))
rise = Polynomial(base_lr=0.0, final_lr=0.5, power=1, updates=25)
falling_floor = InverseTime(base_lr=0.1, timescale=20)
saw = Repeat(updates=10, of=Polynomial(base_lr=0.5, power=1, updates=10))

COMBINATIONS = {
    "warmup_times_cosine": Case(Product(of=[warm, cosine]), "CosineScheduler", "", "CosineDecay"),
    "warmup_times_milestones": Case(Product(of=[Warmup(updates=18, then=Constant(base_lr=1.0)), multi_factor]),
                                    "MultiFactorScheduler", "", "PiecewiseConstantDecay"),
    "product_of_three": Case(Product(of=[cosine, Factor(base_lr=1.0, factor=0.9, every=7), Constant(base_lr=1 / 3)]),
                             "CosineScheduler FactorScheduler", "", "CosineDecay ExponentialDecay", at_least=200),
    "product_with_nothing": Case(Product(of=[
        cosine, Sequence(parts=[Constant(base_lr=1.0), Constant(base_lr=0.0)], boundaries=[15])]),
        "CosineScheduler", "", "CosineDecay"),
    "product_of_one": Case(Product(of=[cosine]), "CosineScheduler", "", "CosineDecay"),
    "product_small_before": Case(Product(of=[  # the end of the cosine, of 1, times 2, where all was nearly nothing
        Cosine(base_lr=1.0, updates=500), Sequence(parts=[Constant(base_lr=1e-6), Constant(base_lr=2.0)],
                                                   boundaries=[490])]), "CosineScheduler", "", "CosineDecay"),
    "cyclic_exp_range": Case(Sum(of=[
        Constant(base_lr=0.1), Product(of=[triangle, Exponential(base_lr=0.4, factor=0.9, updates=1)])]),
        "PolyScheduler", "", "ExponentialDecay PolynomialDecay"),
    "sum_of_three": Case(Sum(of=[cosine, polynomial, Exponential(base_lr=0.2, factor=0.9, updates=3)]),
                         "CosineScheduler PolyScheduler", "", "CosineDecay ExponentialDecay PolynomialDecay",
                         at_least=200),
    "sum_of_one": Case(Sum(of=[polynomial]), "PolyScheduler", "", "PolynomialDecay"),
    "minimum_of_line_and_cosine": Case(Minimum(of=[rise, Cosine(base_lr=0.4, final_lr=0.01, updates=40)]),
                                       "CosineScheduler PolyScheduler", "", "CosineDecay PolynomialDecay"),
    "minimum_of_line_and_root": Case(  # Noam: up for 16 updates, then down as an inverse square root
        Minimum(of=[Polynomial(base_lr=0.0, final_lr=4.0, power=1, updates=64), InverseSquareRoot(base_lr=4.0)]),
        "PolyScheduler", "", "PolynomialDecay", at_least=1000),
    "maximum_of_saw_and_floor": Case(Maximum(of=[saw, falling_floor]), "PolyScheduler", "",
                                     "InverseTimeDecay PolynomialDecay", at_least=200),
    "maximum_of_equals": Case(Maximum(of=[cosine, cosine, Constant(base_lr=0.01)]), "CosineScheduler", "",
                              "CosineDecay"),
    "combinations_nested": Case(
        Warmup(updates=7, begin_lr=0.01, then=Hold(updates=2, of=Maximum(of=[
            Product(of=[warm, Sum(of=[polynomial, Scale(by=0.5, of=triangle)])]),
            Shift(by=3, of=Minimum(of=[rise, Clamp(min_lr=0.05, max_lr=0.3, of=multi_factor), falling_floor])),
        ]))), "MultiFactorScheduler PolyScheduler", "", "InverseTimeDecay PiecewiseConstantDecay PolynomialDecay"),
}
