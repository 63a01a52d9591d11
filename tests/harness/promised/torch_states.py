"""Checks the promises of `build` in torch when states are saved, loaded and copied, also with an edited schedule."""

from __future__ import annotations

import copy
import io
import json
import pickle

import pytest
import torch

from frameworks.torch import build, replace_schedule
from tests.harness.promised import DROPS, EDITS, SCHEDULES, WARM, compute_rates, promise
from tests.harness.promised.torch_training import OPTIMIZERS, ORDERS, Training, load, multiply

#: Updates before the stop.
STOP = 7


def save_at(t, schedule, optimizer):
    """Return the states of a training after t updates."""
    training = Training(schedule, optimizer)
    training.train(t)
    return training.save()


def check_resumed(training, schedule, start=STOP):
    """Check the rates of the updates after a resume."""
    assert training.train(12) == multiply(compute_rates(schedule, start, start + 12))


@promise("torch", "resume with the same schedule: build both, load the optimizer's state, then the scheduler's",
         "continues with lr(t)", OPTIMIZERS)
def check_optimizer_first(optimizer):
    for schedule in SCHEDULES:
        training = Training(schedule, optimizer)
        load(training, *save_at(STOP, schedule, optimizer), ORDERS[0])
        check_resumed(training, schedule)


@promise("torch", "the same, but the scheduler's state first", "continues with lr(t)", OPTIMIZERS)
def check_scheduler_first(optimizer):
    for schedule in SCHEDULES:
        training = Training(schedule, optimizer)
        load(training, *save_at(STOP, schedule, optimizer), ORDERS[1])
        check_resumed(training, schedule)


@promise("torch", "the same, but the scheduler is built after the optimizer's state is loaded", "continues with lr(t), "
         "once the scheduler's state is loaded", OPTIMIZERS)
def check_built_last(optimizer):
    for schedule in SCHEDULES:
        training = Training(schedule, optimizer, build=None)
        of_optimizer, of_scheduler = save_at(STOP, schedule, optimizer)
        training.optimizer.load_state_dict(of_optimizer)
        training.scheduler = build(schedule, training.optimizer)
        training.scheduler.load_state_dict(of_scheduler)
        check_resumed(training, schedule)


@promise("torch", "resume with an edited schedule, states in any order", "the new schedule's lr(t) from the first "
         "update on", OPTIMIZERS)
def check_edited(optimizer):
    for old, new in EDITS:
        for order in ORDERS:
            for stop in (0, STOP):
                training = Training(new, optimizer)
                load(training, *save_at(stop, old, optimizer), order)
                check_resumed(training, new, stop)


@promise("torch", "`replace_schedule(scheduler, schedule)` in a training", "the new schedule's lr(t) at once",
         OPTIMIZERS)
def check_replaced(optimizer):
    for old, new in EDITS:
        training = Training(old, optimizer)
        training.train(STOP)
        training.scheduler = replace_schedule(training.scheduler, new)
        check_resumed(training, new)


@promise("torch", "resume with another `lr_mult`", "the saved `lr_mult`, as torch does with every setting of a group",
         OPTIMIZERS)
def check_edited_multiplier(optimizer):
    training = Training(WARM, optimizer)
    training.optimizer.param_groups[1]["lr_mult"] = 0.5
    load(training, *save_at(STOP, WARM, optimizer), ORDERS[0])
    check_resumed(training, WARM)


@promise("torch", "only the optimizer's state is loaded", "one update at the saved rate; the next step warns, and the "
         "schedule continues with lr(1), since its count was not loaded", OPTIMIZERS)
def check_optimizer_only(optimizer):
    training = Training(WARM, optimizer)
    training.optimizer.load_state_dict(save_at(STOP, WARM, optimizer)[0])
    with pytest.warns(UserWarning, match=r"a loaded optimizer"):
        assert training.train(2) == multiply(compute_rates(WARM, STOP, STOP + 1) + compute_rates(WARM, 1, 2))


@promise("torch", "only the scheduler's state is loaded", "continues with lr(t)", OPTIMIZERS)
def check_scheduler_only(optimizer):
    training = Training(DROPS, optimizer)
    training.scheduler.load_state_dict(save_at(STOP, DROPS, optimizer)[1])
    check_resumed(training, DROPS)


@promise("torch", "the state of a torch class is loaded, such as MultiStepLR's", "continues with this schedule's lr(t)",
         OPTIMIZERS)
def check_state_of_torch(optimizer):
    other = Training(DROPS, optimizer, build=lambda _, made: torch.optim.lr_scheduler.MultiStepLR(made, [3], 0.1))
    other.train(STOP)
    for schedule in SCHEDULES:
        training = Training(schedule, optimizer)
        load(training, *other.save(), ORDERS[0])
        check_resumed(training, schedule)


@promise("torch", "a state without a count", "ValueError", OPTIMIZERS)
def check_other_state(optimizer):
    with pytest.raises(ValueError, match=r"^the state of a scheduler must have last_epoch, got factor$"):
        Training(DROPS, optimizer).scheduler.load_state_dict({"factor": 0.1})


@promise("torch", "the scheduler is copied or pickled, or its state is saved as JSON", "both continue with lr(t), each "
         "copy with a copied optimizer", OPTIMIZERS)
def check_copied(optimizer):
    for schedule in SCHEDULES:
        training = Training(schedule, optimizer)
        training.train(STOP)
        torch.save(training.scheduler, file := io.BytesIO())
        file.seek(0)
        for again in (copy.deepcopy(training.scheduler), pickle.loads(pickle.dumps(training.scheduler)),
                      torch.load(file, weights_only=False)):
            other = Training(schedule, optimizer, build=None)
            other.scheduler, other.optimizer = again, again.optimizer
            check_resumed(other, schedule)
        plain = Training(schedule, optimizer)
        plain.scheduler.load_state_dict(json.loads(json.dumps(training.scheduler.state_dict())))
        check_resumed(plain, schedule)
        check_resumed(training, schedule)
