"""Builds a `mxnet.lr_scheduler.LRScheduler` from a specification."""

from __future__ import annotations

import numpy
from mxnet import gluon
from mxnet.lr_scheduler import LRScheduler

from frameworks.mxnet.schedules import (  # noqa: F401  (they register the kinds)
    annealing,
    clocks,
    combinations,
    curves,
    cycles,
    phases,
    rates,
    rounds,
    steps,
)
from frameworks.mxnet.schedules.rule import rule
from frameworks.schedule import Schedule, expand


class Specified(LRScheduler):
    """Computes the rates of a schedule for a `gluon.Trainer`.

    Based on mxnet.lr_scheduler.LRScheduler. Differs: has no state, so plotting it, reading `trainer.learning_rate`,
    going back or starting late changes nothing. It ignores the `base_lr` that Adam and others write into their
    scheduler. It is pickled as its specification, for `trainer.save_states`.

    schedule: the schedule.

    See https://github.com/apache/mxnet/blob/1.9.1/python/mxnet/lr_scheduler.py#L22
    """

    def __init__(self, schedule: Schedule) -> None:
        super().__init__()
        self.schedule = schedule
        self._rule = rule(expand(schedule))

    def __call__(self, num_update: int) -> float:
        """Return the rate of update `num_update`, counted from 1, as a float whose value is a float32.

        0, which `trainer.learning_rate` passes before the first update, means the first update too.
        """
        return float(numpy.float32(self._rule(max(num_update - 1, 0))))

    def __reduce__(self) -> tuple:
        return build, (self.schedule,)


def build(schedule: Schedule) -> Specified:
    """Return a scheduler for the option "lr_scheduler" of gluon.Trainer, at its first update.

    schedule: the schedule.

    Raises TypeError if it is not a schedule.
    """
    return Specified(schedule)


def replace_schedule(trainer: gluon.Trainer, schedule: Schedule) -> Specified:
    """Return the scheduler with which a Trainer continues with another schedule, from its next update.

    trainer: the Trainer; after `load_states`, which replaces its optimizer and with it the scheduler.
    schedule: the other schedule; `t` is still the number of updates since the training began.

    Raises TypeError if `schedule` is not a schedule.
    """
    scheduler = build(schedule)
    trainer.optimizer.lr_scheduler = scheduler
    return scheduler
