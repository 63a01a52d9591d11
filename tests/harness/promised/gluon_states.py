"""Checks the promises of `build` in Gluon when states are saved, loaded and copied, also with an edited schedule."""

from __future__ import annotations

import copy
import pickle
import tempfile

from mxnet import gluon, init

from frameworks.mxnet import build, build_groups, replace_schedule
from frameworks.schedule import Cosine
from frameworks.schedule.groups import ParameterGroups
from tests.harness.promised import EDITS, SCHEDULES, WARM, compute_rates, promise
from tests.harness.promised.gluon_training import OPTIMIZERS, Training, double

STOP = 7


def resume(old, new, optimizer):
    """Return a new training with another schedule that has loaded the states of an old one after STOP updates."""
    training, again = Training(old, optimizer), Training(new, optimizer)
    training.train(STOP)
    with tempfile.TemporaryDirectory() as folder:
        again.trainer.load_states(training.save(folder))
    return again


@promise("mxnet", "resume with the same schedule: `load_states` into a new Trainer", "continues with lr(t)", OPTIMIZERS)
def check_resumed(optimizer):
    for schedule in SCHEDULES:
        again = resume(schedule, schedule, optimizer)
        assert again.train(12) == double(compute_rates(schedule, STOP, STOP + 12))


@promise("mxnet", "resume with an edited schedule: only `load_states`", "the saved schedule's lr(t): Gluon's states "
         "replace the optimizer, and with it the new schedule", OPTIMIZERS)
def check_edited(optimizer):
    for old, new in EDITS:
        again = resume(old, new, optimizer)
        assert again.train(12) == double(compute_rates(old, STOP, STOP + 12))
        assert again.trainer.optimizer.lr_scheduler.schedule == old  # how a script can see it


@promise("mxnet", "resume with an edited schedule: `load_states`, then `replace_schedule(trainer, schedule)`",
         "the new schedule's lr(t) from the first update on", OPTIMIZERS)
def check_edited_replaced(optimizer):
    for old, new in EDITS:
        again = resume(old, new, optimizer)
        replace_schedule(again.trainer, new)
        assert again.train(12) == double(compute_rates(new, STOP, STOP + 12))


@promise("mxnet", "`replace_schedule(trainer, schedule)` in a training", "the new schedule's lr(t) at once", OPTIMIZERS)
def check_replaced(optimizer):
    for old, new in EDITS:
        training = Training(old, optimizer)
        training.train(STOP)
        assert replace_schedule(training.trainer, new).schedule == new
        assert training.train(12) == double(compute_rates(new, STOP, STOP + 12))


@promise("mxnet", "the scheduler is copied or pickled", "returns the same rates: it has no count", OPTIMIZERS)
def check_copied(optimizer):
    for schedule in SCHEDULES:
        training = Training(schedule, optimizer)
        training.train(4)
        for again in (copy.deepcopy, lambda scheduler: pickle.loads(pickle.dumps(scheduler))):
            training.trainer.optimizer.lr_scheduler = again(training.trainer.optimizer.lr_scheduler)
            start = training.trainer.optimizer.num_update
            assert training.train(4) == double(compute_rates(schedule, start, start + 4))


@promise("mxnet", "`build_groups`: the states of each Trainer are loaded", "the saved schedules, as for `build`",
         ["SGD", "Adam"])
def check_groups(optimizer):
    def build_trainers(schedule):
        net = gluon.nn.Dense(1, in_units=1, use_bias=False, prefix="")
        net.initialize(init.Zero())
        return build_groups(ParameterGroups(schedule=schedule), net, OPTIMIZERS[optimizer][0])

    def step(grouped):
        weight = grouped.trainers["default"]._params[0]
        weight.grad()[:] = 1.0
        weight.data()._fresh_grad = True
        grouped.step(1)

    trained, again = build_trainers(WARM), build_trainers(Cosine(base_lr=1.0, updates=9))
    for _ in range(STOP):
        step(trained)
    with tempfile.TemporaryDirectory() as folder:
        trained.trainers["default"].save_states(f"{folder}/states")
        step(again)
        again.trainers["default"].load_states(f"{folder}/states")
    assert list(again.rates().values()) == list(trained.rates().values()) == compute_rates(WARM, STOP, STOP + 1)
    assert build(WARM)(STOP + 1) == compute_rates(WARM, STOP, STOP + 1)[0]
