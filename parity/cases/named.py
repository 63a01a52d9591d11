"""The cases of the named kinds, and of the ways to warm up that are curves."""

from __future__ import annotations

from frameworks.schedule import (
    Constant,
    Cosine,
    Cyclic,
    Delay,
    Hold,
    Interpolated,
    Linear,
    MultiFactor,
    Noam,
    OneCycle,
    Override,
    Piecewise,
    Scale,
    Shift,
    Warmup,
    Wsd,
)
from parity.cases.chapter import Case, cosine, multi_factor

one_cycle = OneCycle(base_lr=0.04, peak_lr=1.0, final_lr=4e-6, rise=14, updates=49)
wsd = Wsd(base_lr=0.3, warmup=5, stable=20, decay=10)
drop = MultiFactor(base_lr=0.4, factor=0.1, milestones=[3, 30])

NAMED = {
    "linear": Case(Linear(base_lr=0.5, final_lr=0.01, updates=30), "PolyScheduler", "", "PolynomialDecay"),
    "linear_upwards": Case(Linear(base_lr=0.0, final_lr=0.3, updates=41)),
    "linear_level": Case(Linear(base_lr=0.3, final_lr=0.3, updates=7), "", "ConstantLR"),
    "linear_of_one": Case(Linear(base_lr=0.3, final_lr=0.7, updates=1)),
    "piecewise": Case(Piecewise(values=[0.5, 0.1, 0.3, 0.0], boundaries=[10, 11, 30])),
    "piecewise_of_one": Case(Piecewise(values=[0.3], boundaries=[])),
    "interpolated": Case(Interpolated(points=[[3, 0.1], [10, 0.7], [20, 0.7], [33, 0.02]]),
        "PolyScheduler", "", "PolynomialDecay"),
    "interpolated_by_waves": Case(Interpolated(points=[[0, 0.0], [7, 0.3], [30, 0.1], [31, 0.2]], mode="cosine"),
        "CosineScheduler", "", "CosineDecay"),
    "interpolated_at_one_point": Case(Interpolated(points=[[9, 0.3]]), "", "ConstantLR"),
    "noam": Case(Noam(d_model=512, warmup=20, factor=2.0), at_least=200),
    "noam_from_0": Case(Noam(d_model=512, warmup=20, factor=2.0, first=0), at_least=200),
    "noam_warmup_of_one": Case(Noam(d_model=3, warmup=1)),
    "delay": Case(Delay(by=13, of=cosine), "CosineScheduler", "", "CosineDecay"),
    "delay_by_none": Case(Delay(by=0, of=cosine), "CosineScheduler", "", "CosineDecay"),
    "delay_of_delay": Case(Delay(by=4, of=Delay(by=1, of=Warmup(updates=3, then=drop))),
        "MultiFactorScheduler", "", "PiecewiseConstantDecay"),
    "override": Case(Override(of=cosine, at=12, then=drop),
        "CosineScheduler MultiFactorScheduler", "", "CosineDecay PiecewiseConstantDecay"),
    "override_clock_kept": Case(Override(of=cosine, at=12, then=drop, clock="keep"),
        "CosineScheduler MultiFactorScheduler", "", "CosineDecay PiecewiseConstantDecay"),
    "override_at_1": Case(Override(of=Constant(base_lr=0.3), at=1, then=wsd), "PolyScheduler", "", "PolynomialDecay"),
    "one_cycle": Case(one_cycle, "CosineScheduler", "", "CosineDecay"),
    "one_cycle_of_lines": Case(one_cycle.model_copy(update={"mode": "linear"}), "PolyScheduler", "", "PolynomialDecay"),
    "one_cycle_of_three": Case(OneCycle(base_lr=0.04, peak_lr=1.0, final_lr=4e-6, phases=3, rise=14, updates=49),
        "CosineScheduler", "", "CosineDecay"),
    "one_cycle_of_three_lines": Case(
        OneCycle(base_lr=0.1, peak_lr=0.7, final_lr=0.001, phases=3, rise=1, updates=3, mode="linear"),
        "PolyScheduler", "", "PolynomialDecay"),
    "one_cycle_between_updates": Case(OneCycle(base_lr=0.012, peak_lr=0.3, final_lr=1.2e-6, rise=5.3, updates=20)),
    "one_cycle_of_three_between_updates": Case(
        OneCycle(base_lr=0.012, peak_lr=0.3, phases=3, rise=2.5, updates=20, mode="linear")),
    "wsd": Case(wsd, "PolyScheduler", "", "PolynomialDecay"),
    "wsd_counted_from_1": Case(
        Wsd(base_lr=0.3, warmup=5, stable=20, decay=10, final_lr=0.03, warmup_from=1, decay_from=1),
        "PolyScheduler", "", "PolynomialDecay"),
    "wsd_cosine": Case(
        Wsd(base_lr=0.3, begin_lr=0.03, final_lr=0.03, warmup=5, stable=20, decay=10, tail="cosine",
            warmup_mode="cosine"),
        "CosineScheduler", "", "CosineDecay"),
    "wsd_one_minus_sqrt": Case(
        Wsd(base_lr=0.3, warmup=5, stable=20, decay=41, tail="one_minus_sqrt", warmup_from=1)),
    "wsd_square": Case(Wsd(base_lr=0.3, final_lr=0.01, warmup=5, stable=20, decay=41, tail="square", decay_from=1)),
    "wsd_exponential": Case(Wsd(base_lr=0.3, final_lr=0.003, warmup=0, stable=20, decay=41, tail="exponential")),
    "wsd_of_a_tail": Case(Wsd(base_lr=0.3, warmup=0, stable=0, decay=1, decay_from=1),
        "PolyScheduler", "", "PolynomialDecay"),
    "cyclic": Case(Cyclic(low=0.1, high=0.6, up=7, down=9), "PolyScheduler", "", "PolynomialDecay", at_least=200),
    "cyclic_of_one": Case(Cyclic(low=0.1, high=0.6, up=1), "PolyScheduler", "", "PolynomialDecay", at_least=200),
    "cyclic_triangular2": Case(Cyclic(low=0.1, high=0.6, up=7, mode="triangular2"),
        "PolyScheduler", "", "PolynomialDecay", at_least=200),
    "cyclic_of_gamma": Case(Cyclic(low=0.1, high=0.6, up=7, mode="exp_range", gamma=0.99),
        "PolyScheduler", "", "ExponentialDecay PolynomialDecay", at_least=400),
    "cyclic_of_gamma_from_0": Case(Cyclic(low=0.0, high=0.6, up=7, down=3, mode="exp_range", gamma=0.9),
        "PolyScheduler", "", "ExponentialDecay PolynomialDecay", at_least=200),
    "named_in_others": Case(
        Warmup(updates=6, begin_lr=0.01, mode="cosine", then=Hold(updates=2, of=Scale(by=1 / 3, of=Shift(
            by=1, of=Override(of=Delay(by=3, of=wsd), at=30, then=Cyclic(
                low=0.1, high=0.9, up=3, mode="triangular2")))))), "PolyScheduler", "", "PolynomialDecay"),
    "warmup_exponential": Case(Warmup(updates=13, begin_lr=1e-6, mode="exponential", then=cosine),
        "CosineScheduler", "", "CosineDecay"),
    "warmup_exponential_downwards": Case(
        Warmup(updates=13, begin_lr=0.7, peak_lr=1e-3, mode="exponential", clock="keep", then=multi_factor),
        "MultiFactorScheduler", "", "PiecewiseConstantDecay"),
    "warmup_cosine_mode": Case(Warmup(updates=13, mode="cosine", then=cosine), "CosineScheduler", "", "CosineDecay"),
    "warmup_cosine_mode_downwards": Case(Warmup(updates=41, begin_lr=0.7, mode="cosine", then=Constant(base_lr=0.0))),
    "warmup_polynomial_mode": Case(Warmup(updates=41, mode="polynomial", power=2.7, then=multi_factor),
        "MultiFactorScheduler", "", "PiecewiseConstantDecay"),
    "warmup_polynomial_mode_root": Case(
        Warmup(updates=41, begin_lr=0.01, mode="polynomial", power=0.5, clock="keep", then=Cosine(
            base_lr=0.3, updates=60)), "CosineScheduler", "", "CosineDecay"),
    "warmup_modes_of_one": Case(Warmup(updates=1, mode="polynomial", power=3.0, then=Warmup(
        updates=1, begin_lr=0.1, mode="exponential", then=cosine)), "CosineScheduler", "", "CosineDecay"),
}
