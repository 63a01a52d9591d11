"""fvcore: fvcore.common.param_scheduler, functions of the completed share of a training, here of 40 updates."""

from __future__ import annotations

from functools import partial

from frameworks.schedule import Exponential, MultiFactor, Polynomial, Shift, Warmup
from parity.pages.coverage.reference import TOTAL
from parity.pages.coverage.row import Library, Row, build_constant, build_half_cosine, build_line, join

#: At a share of 1 some raise an error; the training ends there.
_Row = partial(Row, until=TOTAL)

LIBRARY = Library(
    name="fvcore", title="fvcore", how=f"called with t / {TOTAL}, the completed share of the training, below 1",
    bases=("ParamScheduler",),
    source="https://github.com/facebookresearch/fvcore/blob/main/fvcore/common/param_scheduler.py", rows=(
    _Row("ConstantParamScheduler(0.4)", build_constant(0.4)),
    _Row("CosineParamScheduler(0.4, 0.01)", build_half_cosine(0.4, 0.01, 40)),
    _Row("ExponentialParamScheduler(0.4, 0.5)", Exponential(base_lr=0.4, factor=0.5, updates=40)),
    _Row("LinearParamScheduler(0.4, 0.01)", build_line(0.4, 0.01, 40)),
    _Row("CompositeParamScheduler([LinearParamScheduler(0.0, 0.4), CosineParamScheduler(0.4, 0.01)], [0.25, 0.75], "
         "['rescaled', 'rescaled'])", Warmup(updates=10, then=build_half_cosine(0.4, 0.01, 30))),
    _Row("CompositeParamScheduler([LinearParamScheduler(0.0, 0.4), CosineParamScheduler(0.4, 0.01)], [0.25, 0.75], "
         "['fixed', 'fixed'])", join([10], build_line(0, 0.4, 40), Shift(by=10, of=build_half_cosine(0.4, 0.01, 40)))),
    _Row("MultiStepParamScheduler([0.4, 0.2, 0.3], num_updates=40, milestones=[5, 12])",
         join([5, 7], build_constant(0.4), build_constant(0.2), build_constant(0.3))),
    _Row("StepParamScheduler(40, [0.4, 0.2, 0.1, 0.05])",
         MultiFactor(base_lr=0.4, factor=0.5, milestones=[10, 20, 30])),
    _Row("StepWithFixedGammaParamScheduler(0.4, 3, 0.5, 40)",
         MultiFactor(base_lr=0.4, factor=0.5, milestones=[10, 20, 30])),
    _Row("PolynomialDecayParamScheduler(0.4, 2.0)", Polynomial(base_lr=0.4, updates=40)),
))
