"""OLMo-core: olmo_core.optim.scheduler, on an optimizer with lr=0.4, for a training of 40 updates."""

from __future__ import annotations

from functools import partial

from frameworks.schedule import Exponential, InverseSquareRoot, PowerLaw, Schedule, Shift, Sum, Warmup
from parity.pages.coverage.reference import TOTAL
from parity.pages.coverage.row import LR, Library, Row, build_constant, build_half_cosine, build_line, join

#: The training ends there; some raise an error afterwards.
_Row = partial(Row, until=TOTAL)


def _warm(then: Schedule, peak_lr: float = LR) -> Schedule:
    """Return a line up over 5 counted updates, of which the first one is 1."""
    return Shift(by=1, of=Warmup(updates=5, peak_lr=peak_lr, then=then))


LIBRARY = Library(
    name="olmo", title="OLMo-core", how=f"before each update, counted from 1, in a training of {TOTAL} updates",
    source="https://olmo-core.readthedocs.io/en/latest/optim.html", bases=("Scheduler",), rows=(
    _Row("ConstantScheduler()", build_constant(LR)),
    _Row("ConstantWithWarmup(warmup=5)", _warm(build_constant(LR)),
         note="the first update sees 1, so that every rate comes one update early; the same for every scheduler"),
    _Row("WSD(warmup=5, decay_fraction=0.25)", _warm(join([25], build_constant(LR), build_line(LR, 0, 10)))),
    _Row("PowerLR(warmup=5, decay_fraction=0.25)", _warm(join(
        [25], PowerLaw(base_lr=LR, timescale=5, power=0.51), build_line(LR * 6**-0.51, 0, 10)))),
    _Row("LinearWithWarmup(warmup=5)", _warm(build_line(LR, LR * 0.1, 35))),
    _Row("CosWithWarmup(warmup=5)", _warm(build_half_cosine(LR, LR * 0.1, 35))),
    _Row("CosWithWarmup(warmup_fraction=0.125, alpha_f=0.0)", _warm(build_half_cosine(LR, 0, 35))),
    _Row("CosWithWarmupAndLinearDecay(warmup=5, decay_fraction=0.25)", _warm(join(
        [25], build_half_cosine(LR, LR * 0.1, 35), build_line(build_half_cosine(LR, LR * 0.1, 35).lr(25), 0, 10)))),
    _Row("HalfCosWithWarmup(warmup=5)", _warm(Shift(by=35, of=build_half_cosine(LR, LR * 0.1, 70)), LR * 0.55),
         note="warms up to the middle of the highest and the lowest rate"),
    _Row("InvSqrtWithWarmup(warmup=5)", _warm(Sum(
        of=[build_constant(LR * 0.1), InverseSquareRoot(base_lr=LR * 0.9, timescale=5)]))),
    _Row("ExponentialScheduler(lr_min=0.001)",
         Shift(by=1, of=Exponential(base_lr=0.001, factor=LR / 0.001, updates=TOTAL, max_lr=LR)),
         note="increases, to the optimizer's rate at the last update"),
    _Row("SequentialScheduler(schedulers=[ConstantWithWarmup(warmup=5), LinearWithWarmup(warmup=0)], "
         "schedulers_max=[20])", join([20], _warm(build_constant(LR)), Shift(by=1, of=build_line(LR, LR * 0.1, 20)))),
    _Row("WSDS(period_lengths=[20, 20], warmup=5, decay=5)", _warm(join(
        [10, 6, 14], build_constant(LR), build_line(LR, 0, 5), build_constant(LR), build_line(LR, 0, 5)))),
    _Row("ComposableScheduler(stages=[ComposableSchedulerStage(duration=5, shape='linear', start_lr=0.0, "
         "end_lr_fraction=1.0), ComposableSchedulerStage(duration=30, shape='cosine', end_lr_fraction=0.1)])",
         _warm(build_half_cosine(LR, LR * 0.1, 30))),
))
