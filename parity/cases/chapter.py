"""The cases of the chapter and of the book, and what a case is."""

from __future__ import annotations

from dataclasses import dataclass

from frameworks.chapter import EPOCH
from frameworks.schedule import (
    Constant,
    Cosine,
    Factor,
    Hold,
    InverseSquareRoot,
    MultiFactor,
    Polynomial,
    Schedule,
    Sequence,
    Shift,
    Warmup,
)
from parity.measuring.compare import updates_compared

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
        return updates_compared(self.schedule.horizon, self.at_least)


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


#: What the chapter trains with, its clock an epoch; tests/test_chapter.py holds the scripts of reproduce/ to it.
TRAINED = {
    "constant": constant,
    "square_root": square_root,
    "factor": Factor(base_lr=0.3, factor=0.9, min_lr=0.01),
    "multi_factor": multi_factor,
    "polynomial": Polynomial(base_lr=0.3, final_lr=0.01, power=2.0, updates=30),
    "cosine": cosine,
    "warmup": warmup_cosine,
}


def gluon(schedule: Schedule) -> Schedule:
    """What Gluon's optimizer makes of a function of the chapter: it gives it the number of the update, from 1."""
    return Shift(by=1, of=schedule)


def torch(schedule: Schedule, first: float) -> Schedule:
    """What the PyTorch tab makes of it: the rate is set after epoch e to the value for e, and is `first` before."""
    return Sequence(parts=[Constant(base_lr=first), Hold(updates=EPOCH, of=schedule)], boundaries=[EPOCH])


def tensorflow(schedule: Schedule) -> Schedule:
    """What the TensorFlow tab makes of it: the value for e in epoch e, as drawn."""
    return Hold(updates=EPOCH, of=schedule)


DROPS = ("MultiFactorScheduler", "MultiStepLR", "PiecewiseConstantDecay")
COSINES = ("CosineScheduler", "", "CosineDecay")

#: Drawing a scheduler uses it up: Gluon's keeps the drop at update 30, TensorFlow's the one at epoch 15, torch's none.
BOOK = {
    "book_gluon_constant": Case(constant, torch="ConstantLR"),
    "book_gluon_square_root": Case(gluon(square_root), at_least=CHAPTER),
    "book_gluon_multi_factor": Case(MultiFactor(base_lr=0.25, factor=0.5, milestones=[30]), *DROPS),
    "book_gluon_cosine": Case(gluon(cosine), *COSINES),
    "book_gluon_warmup": Case(gluon(warmup_cosine), *COSINES),
    "book_torch_constant": Case(constant, torch="ConstantLR"),
    "book_torch_square_root": Case(torch(square_root, 0.1), at_least=10 * EPOCH),
    "book_torch_multi_factor": Case(Constant(base_lr=0.125), torch="ConstantLR"),
    "book_torch_cosine": Case(torch(cosine, 0.3), *COSINES),
    "book_torch_warmup": Case(torch(warmup_cosine, 0.3), *COSINES),
    "book_tensorflow_constant": Case(constant, torch="ConstantLR"),
    "book_tensorflow_square_root": Case(tensorflow(square_root), at_least=10 * EPOCH),
    "book_tensorflow_multi_factor": Case(tensorflow(MultiFactor(base_lr=0.25, factor=0.5, milestones=[15])), *DROPS),
    "book_tensorflow_cosine": Case(tensorflow(cosine), *COSINES),
    "book_tensorflow_warmup": Case(tensorflow(warmup_cosine), *COSINES),
}
