"""Builds the schedules of a training on photos: the chapter's, and that of GluonCV's recipe."""

from __future__ import annotations

from frameworks.schedule import Cosine, Hold, Schedule, Warmup
from reproduce.chapter import EXPERIMENTS

#: GluonCV's recipe for ResNet-50 (v1b): the rate for its batch, its epochs, and those of its warm-up.
GLUONCV, RATE, BATCH, EPOCHS, WARMUP = "gluoncv", 0.4, 1024, 120, 5
CHAPTER = {experiment.name: experiment for experiment in EXPERIMENTS}
SCHEDULES = (*CHAPTER, GLUONCV)


def build_schedule(name: str, updates: int, epochs: int, batch: int, lr: float | None) -> Schedule:
    """Return the rate of each update. Raises SpecificationError.

    name: one of `SCHEDULES`: the chapter's count epochs, GluonCV's is stretched over the training. updates: of an
    epoch. epochs: of the training. batch: images of an update, to which GluonCV's rate is proportional. lr: replaces
    the base rate (None: it stays).
    """
    if name == GLUONCV:
        warmup = max(1, round(updates * epochs * WARMUP / EPOCHS))
        base = RATE * batch / BATCH if lr is None else lr
        return Warmup(updates=warmup, then=Cosine(base_lr=base, updates=max(1, updates * epochs - warmup)))
    experiment = CHAPTER[name] if lr is None else CHAPTER[name].replace_rate(lr)
    return Hold(updates=updates, of=experiment.schedule)
