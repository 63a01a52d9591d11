"""Tests the reading of GluonCV's schedulers against a copy of their formulas, since GluonCV is not installed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from frameworks.schedule import lrs
from parity.port import PortError, read_text


def scheduler(mode, base_lr=0.1, target_lr=0, niters=0, nepochs=0, iters_per_epoch=0, offset=0, power=2,
              step_iter=None, step_epoch=None, step_factor=0.1, baselr=None, targetlr=None):
    """Return the rate as a function of num_update and of the base rate that an MXNet optimizer may have written.

    Copies LRScheduler of GluonCV 0.10, gluoncv/utils/lr_scheduler.py. Old names apply where the new ones have their
    defaults. Epochs apply if both numbers are given; then milestones of epochs replace the others.
    """
    if base_lr == 0.1 and baselr is not None:
        base_lr = baselr
    if target_lr == 0 and targetlr is not None:
        target_lr = targetlr
    constant = base_lr  # in mode constant this is the target, which no optimizer overwrites
    length, milestones = niters, step_iter
    if nepochs * iters_per_epoch > 0:
        length = nepochs * iters_per_epoch
        if step_epoch is not None:
            milestones = [epoch * iters_per_epoch for epoch in step_epoch]

    def rate(num_update, written=None):
        base = base_lr if written is None else written
        done = min(max(num_update - offset, 0), length - 1)
        if mode == "constant":
            return constant
        if mode == "step":
            return base * step_factor ** len([at for at in milestones or [] if at <= done])
        left = 1 - done / (length - 1)
        share = {"linear": left, "poly": left**power, "cosine": (1 + math.cos(math.pi * (1 - left))) / 2}[mode]
        return target_lr + (base - target_lr) * share

    return rate


def compute_rates(text, written=None, updates=60):
    """Return the rates of a text. A Trainer's first update has num_update 1."""
    rate = eval(text, {"LRScheduler": scheduler})
    return np.array([rate(t + 1, written) for t in range(updates)])


TEXTS = [
    *(f"LRScheduler('{mode}', base_lr=0.4, target_lr=0.1, nepochs=4, iters_per_epoch=10{more})"
      for mode in ("linear", "poly", "cosine", "constant") for more in ("", ", offset=7", ", baselr=0.2")),
    "LRScheduler('step', base_lr=0.4, niters=40, step_iter=[5, 20])",
    "LRScheduler('step', base_lr=0.4, niters=40, step_iter=[5], step_epoch=[2])",
    "LRScheduler('step', base_lr=0.4, nepochs=4, iters_per_epoch=10, step_iter=[5], step_epoch=[1, 2])",
    "LRScheduler('step', nepochs=4, iters_per_epoch=10, step_epoch=[1, 9], offset=3)",
    "LRScheduler('cosine', niters=40, nepochs=4)", "LRScheduler('cosine', niters=40, iters_per_epoch=4)",
    "LRScheduler('cosine', 0.4, baselr=0.2, niters=40)", "LRScheduler('cosine', baselr=0.2, niters=40)",
    "LRScheduler('cosine', 0.1, baselr=0.2, niters=40)", "LRScheduler('linear', 0.1, 0.4, 40, targetlr=0.2)",
    "LRScheduler('linear', 0.1, 0.0, 40, targetlr=0.2)", "LRScheduler('constant', baselr=0.3, niters=3)",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("optimizer", "written"), [
    (None, None), ("SGD()", None), ("SGD(learning_rate=0.05)", 0.05), ("Adam()", 0.001)])
def test_what_is_read_is_what_the_published_class_does(optimizer, written, text):
    """The read schedule has the rates of GluonCV's formulas, also after an optimizer overwrites base_lr."""
    reading = read_text(text, "gluoncv", optimizer=optimizer)
    assert lrs(reading.schedule, 60).tolist() == pytest.approx(compute_rates(text, written).tolist(), rel=1e-12,
                                                               abs=1e-15)
    assert bool(written) == any(f"writes its learning_rate, {written}" in trap for trap in reading.traps)


def test_milestones_of_epochs_without_epochs_never_drop():
    """step_epoch without nepochs and iters_per_epoch never drops, and a trap reports it."""
    text = "LRScheduler('step', base_lr=0.4, niters=40, iters_per_epoch=10, step_epoch=[1, 2])"
    assert set(compute_rates(text)) == {0.4}
    reading = read_text(text, "gluoncv")
    assert {reading.schedule.lr(t) for t in range(60)} == {0.4}
    assert "step_epoch has no effect without nepochs and iters_per_epoch: the rate never drops." in reading.traps


def test_a_sequence_takes_no_notice_of_the_optimizer():
    """LRSequential ignores the optimizer's rate, and a trap reports it."""
    text = "LRSequential([LRScheduler('linear', 0, 0.4, 5), LRScheduler('cosine', 0.4, niters=9)])"
    reading = read_text(text, "gluoncv", optimizer="Adam()")
    assert reading.schedule == read_text(text, "gluoncv").schedule
    assert ("Adam writes its learning_rate, 0.001, into the scheduler's base_lr; LRSequential ignores it."
            in reading.traps)
    with pytest.raises(PortError, match="AdaDelta takes no learning rate: its scheduler has no effect"):
        read_text(text, "gluoncv", optimizer="AdaDelta()")
