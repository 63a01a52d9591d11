"""The fixed cases of the gate: a schedule, how far it is followed, and each framework's class that does it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from frameworks.schedule import (
    Clamp,
    Constant,
    Cosine,
    Factor,
    Hold,
    InverseSquareRoot,
    MultiFactor,
    Polynomial,
    Scale,
    Schedule,
    Sequence,
    Shift,
    Warmup,
)
from reproduce.chapter import EXPERIMENTS
from reproduce.start import EPOCH

#: Updates in all of the chapter's 30 epochs.
CHAPTER = 30 * EPOCH


@dataclass(frozen=True)
class Case:
    """A schedule and, per framework, the built-in classes that work in it ("" for none: the backend's own)."""

    schedule: Schedule
    mxnet: str = ""
    torch: str = ""
    tensorflow: str = ""
    at_least: int = 50

    @property
    def updates(self) -> int:
        """How many updates are compared: at least 50 and 2.5 times the horizon."""
        return max(self.at_least, math.ceil(2.5 * self.schedule.horizon))


constant = Constant(base_lr=0.3)
square_root = InverseSquareRoot(base_lr=0.1)
factor = Factor(base_lr=2.0, factor=0.9, min_lr=0.01)
multi_factor = MultiFactor(base_lr=0.5, factor=0.5, milestones=[15, 30])
polynomial = Polynomial(base_lr=0.5, final_lr=0.01, power=2.0, updates=30)
cosine = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
warmup_cosine = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
constant_warmup = Warmup(
    updates=5, begin_lr=0.05, mode="constant", then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
warmup_keep = Warmup(updates=5, clock="keep", then=multi_factor)

many_drops = MultiFactor(base_lr=1.0, factor=0.97, milestones=list(range(3, 300, 4)))

#: What the chapter plots or trains with, a `t` being an update (it plots an epoch) ...
PER_UPDATE = {
    "constant": Case(constant, torch="ConstantLR"),
    "square_root": Case(square_root),
    "factor": Case(factor, "FactorScheduler", "", "ExponentialDecay"),
    "multi_factor": Case(multi_factor, "MultiFactorScheduler", "MultiStepLR", "PiecewiseConstantDecay"),
    "polynomial": Case(polynomial, "PolyScheduler", "", "PolynomialDecay"),
    "cosine": Case(cosine, "CosineScheduler", "", "CosineDecay"),
    "warmup_cosine": Case(warmup_cosine, "CosineScheduler", "", "CosineDecay"),
    "constant_warmup": Case(constant_warmup, "CosineScheduler", "", "CosineDecay"),
    "warmup_multi_factor_keep": Case(warmup_keep, "MultiFactorScheduler", "", "PiecewiseConstantDecay"),
}


def per_epoch(case: Case, updates: int, at_least: int = 50, **built_in: str) -> Case:
    """The same schedule, held: its clock ticks once an epoch."""
    names = {"mxnet": case.mxnet, "torch": case.torch, "tensorflow": case.tensorflow} | built_in
    return Case(Hold(updates=updates, of=case.schedule), at_least=at_least, **names)


#: ... and each of them held per epoch: of 235 updates where the book trains with it, of 10 where it does not.
PER_EPOCH = {
    "constant_per_epoch": per_epoch(PER_UPDATE["constant"], EPOCH),
    "square_root_per_epoch": per_epoch(PER_UPDATE["square_root"], EPOCH, 10 * EPOCH),
    "factor_per_epoch": per_epoch(PER_UPDATE["factor"], 10),
    "multi_factor_per_epoch": per_epoch(PER_UPDATE["multi_factor"], EPOCH),
    "polynomial_per_epoch": per_epoch(PER_UPDATE["polynomial"], 10),
    "cosine_per_epoch": per_epoch(PER_UPDATE["cosine"], EPOCH),
    "warmup_cosine_per_epoch": per_epoch(PER_UPDATE["warmup_cosine"], EPOCH),
    "constant_warmup_per_epoch": per_epoch(PER_UPDATE["constant_warmup"], 10),
    "warmup_multi_factor_keep_per_epoch": per_epoch(PER_UPDATE["warmup_multi_factor_keep"], 10),
}


def book(name: str, framework: str, mxnet: str = "", torch: str = "", tensorflow: str = "", at_least: int = 50) -> Case:
    """What the optimizer of a tab of the book really gets: the specification is with its experiment."""
    (experiment,) = (one for one in EXPERIMENTS if one.name == name)
    return Case(experiment.printed[framework], mxnet, torch, tensorflow, at_least)


DROPS = ("MultiFactorScheduler", "MultiStepLR", "PiecewiseConstantDecay")
COSINES = ("CosineScheduler", "", "CosineDecay")

BOOK = {
    "book_gluon_constant": book("constant", "mxnet", torch="ConstantLR"),
    "book_gluon_square_root": book("square_root", "mxnet", at_least=CHAPTER),
    "book_gluon_multi_factor": book("multi_factor", "mxnet", *DROPS),
    "book_gluon_cosine": book("cosine", "mxnet", *COSINES),
    "book_gluon_warmup": book("warmup", "mxnet", *COSINES),
    "book_torch_constant": book("constant", "torch", torch="ConstantLR"),
    "book_torch_square_root": book("square_root", "torch", at_least=10 * EPOCH),
    "book_torch_multi_factor": book("multi_factor", "torch", torch="ConstantLR"),
    "book_torch_cosine": book("cosine", "torch", *COSINES),
    "book_torch_warmup": book("warmup", "torch", *COSINES),
    "book_tensorflow_constant": book("constant", "tensorflow", torch="ConstantLR"),
    "book_tensorflow_square_root": book("square_root", "tensorflow", at_least=10 * EPOCH),
    "book_tensorflow_multi_factor": book("multi_factor", "tensorflow", *DROPS),
    "book_tensorflow_cosine": book("cosine", "tensorflow", *COSINES),
    "book_tensorflow_warmup": book("warmup", "tensorflow", *COSINES),
}

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

CASES: dict[str, Case] = PER_UPDATE | PER_EPOCH | BOOK | EDGES | NESTED
