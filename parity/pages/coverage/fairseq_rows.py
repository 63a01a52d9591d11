"""fairseq: fairseq.optim.lr_scheduler, with the fields of a configuration as arguments; an epoch has 4 updates."""

from __future__ import annotations

from frameworks.schedule import (
    Cosine,
    Factor,
    Hold,
    InverseSquareRoot,
    Polynomial,
    Repeat,
    Shift,
    Warmup,
)
from parity.pages.coverage.reference import UPDATES_PER_EPOCH
from parity.pages.coverage.row import LR, Library, Row, build_annealing, build_constant, build_line, join

LIBRARY = Library(
    name="fairseq", title="fairseq", how="set before the first update and after every update, as the trainer does",
    source="https://fairseq.readthedocs.io/en/latest/lr_scheduler.html", rows=(
    Row("InverseSquareRootSchedule(lr=0.4, warmup_updates=10)",
        Warmup(updates=10, then=InverseSquareRoot(base_lr=LR, timescale=10.0))),
    Row("PolynomialDecayLRSchedule(lr=0.4, warmup_updates=5, total_num_update=30, power=2.0, end_learning_rate=0.01)",
        Warmup(updates=5, then=Polynomial(base_lr=LR, final_lr=0.01, updates=25)),
        note="total_num_update includes the warm-up"),
    Row("CosineLRSchedule(lr=0.4, warmup_updates=5, min_lr=0.04, lr_period_updates=20, lr_shrink=0.5)",
        Warmup(updates=5, begin_lr=0.04, then=Repeat(updates=20, decay=0.5, of=Cosine(
            base_lr=LR, final_lr=0.04, updates=20))), note="each period is lr_shrink as high, the lowest rate too"),
    Row("FixedLRSchedule(lr=0.4, warmup_updates=5)", Shift(by=1, of=Warmup(updates=5, then=build_constant(LR))),
        note="the warm-up counts from 1"),
    Row("FixedLRSchedule(lr=[0.4, 0.2], force_anneal=3, lr_shrink=0.5)", Hold(updates=UPDATES_PER_EPOCH, of=join(
        [1], build_constant(LR), Factor(base_lr=0.2, factor=0.5)))),
    Row("TriangularLRSchedule(lr=0.1, max_lr=0.4, lr_period_updates=20, lr_shrink=0.5, shrink_min=True)",
        Repeat(updates=20, decay=0.5, of=join([10], build_line(0.1, LR, 10), build_line(LR, 0.1, 10)))),
    Row("TriStageLRSchedule(lr=0.4, warmup_steps=5, hold_steps=10, decay_steps=20)",
        Warmup(updates=5, begin_lr=0.004, then=join(
            [10], build_constant(LR), build_annealing(LR, 0.004, 20, "exponential")))),
    Row("StepLRSchedule(lr=0.4, warmup_updates=5, min_lr=0.01, lr_deacy_period=10, lr_decay=0.5)",
        Warmup(updates=5, begin_lr=0.01, then=Factor(base_lr=LR, factor=0.5, every=10, min_lr=0.01)))))
