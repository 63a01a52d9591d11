"""GluonCV: gluoncv.utils.lr_scheduler, called by a Gluon Trainer, with 1 at the first update."""

from __future__ import annotations

from frameworks.schedule import MultiFactor, Polynomial, Shift
from parity.pages.coverage.row import Library, Row, build_constant, build_half_cosine, build_line, join

LIBRARY = Library(
    name="gluoncv", title="GluonCV", how="called by a Gluon Trainer, with 1 at the first update",
    source="https://cv.gluon.ai/api/utils.html", rows=(
    Row("LRScheduler('constant', base_lr=0.4, niters=21)", build_constant(0.4)),
    Row("LRScheduler('step', base_lr=0.4, niters=21, step_iter=[5, 12], step_factor=0.5)",
        Shift(by=1, of=MultiFactor(base_lr=0.4, factor=0.5, milestones=[5, 12])), note="drops one update early"),
    Row("LRScheduler('linear', base_lr=0.4, target_lr=0.01, niters=21)", Shift(by=1, of=build_line(0.4, 0.01, 20)),
        note="reaches target_lr at niters - 1"),
    Row("LRScheduler('poly', base_lr=0.4, target_lr=0.01, niters=21, power=2)",
        Shift(by=1, of=Polynomial(base_lr=0.4, final_lr=0.01, updates=20))),
    Row("LRScheduler('poly', base_lr=0.4, niters=21, power=0.9)",
        Shift(by=1, of=Polynomial(base_lr=0.4, power=0.9, updates=20)), note="the power of semantic segmentation"),
    Row("LRScheduler('cosine', base_lr=0.4, target_lr=0.01, niters=21)",
        Shift(by=1, of=build_half_cosine(0.4, 0.01, 20))),
    Row("LRSequential([LRScheduler('linear', base_lr=0, target_lr=0.4, niters=6), "
        "LRScheduler('cosine', base_lr=0.4, target_lr=0.01, niters=21)])",
        Shift(by=1, of=join([6], build_line(0, 0.4, 5), build_half_cosine(0.4, 0.01, 20)))),
))
