"""Composer: composer.optim.scheduler, on an optimizer with lr=0.4, in a training of 40 batches."""

from __future__ import annotations

from functools import partial

from frameworks.schedule import CosineRestarts, Exponential, Factor, MultiFactor, Polynomial, Repeat, Warmup
from parity.pages.coverage.reference import TOTAL
from parity.pages.coverage.row import LR, Library, Row, build_constant, build_half_cosine, build_line, join

#: The end of the training; some schedulers use its length as their length.
_Row = partial(Row, until=TOTAL)

LIBRARY = Library(
    name="composer", title="Composer", how=f"compiled for the state of a training of {TOTAL} batches",
    bases=("ComposerScheduler",),
    source="https://docs.mosaicml.com/projects/composer/en/stable/trainer/schedulers.html", rows=(
    _Row("StepScheduler('5ba', gamma=0.5)", Factor(base_lr=LR, factor=0.5, every=5)),
    _Row("MultiStepScheduler(['5ba', '12ba'], gamma=0.5)", MultiFactor(base_lr=LR, factor=0.5, milestones=[5, 12])),
    _Row("ConstantScheduler(alpha=0.5, t_max='5ba')", join([5], build_constant(LR / 2), build_constant(LR))),
    _Row("LinearScheduler(alpha_f=0.1, t_max='20ba')", build_line(LR, LR / 10, 20)),
    _Row("ExponentialScheduler(gamma=0.5, decay_period='10ba')", Exponential(base_lr=LR, factor=0.5, updates=10)),
    _Row("CosineAnnealingScheduler(t_max='20ba', alpha_f=0.1)", build_half_cosine(LR, LR / 10, 20)),
    _Row("CosineAnnealingWarmRestartsScheduler('10ba', alpha_f=0.1)",
         Repeat(updates=10, of=build_half_cosine(LR, LR / 10, 10))),
    _Row("CosineAnnealingWarmRestartsScheduler('5ba', t_mult=2.0)", CosineRestarts(base_lr=LR, updates=5, growth=2)),
    _Row("PolynomialScheduler(power=2.0, t_max='20ba', alpha_f=0.1)",
         Polynomial(base_lr=LR, final_lr=LR / 10, updates=20)),
    _Row("MultiStepWithWarmupScheduler('5ba', ['8ba', '12ba'], gamma=0.5)",
         Warmup(updates=5, clock="keep", then=MultiFactor(base_lr=LR, factor=0.5, milestones=[8, 12]))),
    _Row("ConstantWithWarmupScheduler('5ba')", Warmup(updates=5, then=build_constant(LR))),
    _Row("LinearWithWarmupScheduler('5ba', alpha_f=0.1)", Warmup(updates=5, then=build_line(LR, LR / 10, 35))),
    _Row("CosineAnnealingWithWarmupScheduler('5ba', alpha_f=0.1)",
         Warmup(updates=5, then=build_half_cosine(LR, LR / 10, 35))),
    _Row("PolynomialWithWarmupScheduler('5ba', alpha_f=0.1)",
         Warmup(updates=5, then=Polynomial(base_lr=LR, final_lr=LR / 10, updates=35))),
))
