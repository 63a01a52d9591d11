"""Checks the promises of `build`, `build_groups` and `build_plateau` in torch for groups and plateaus."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

from frameworks.schedule import ReduceOnPlateau
from frameworks.schedule.groups import Group, ParameterGroups
from frameworks.torch import build, build_groups, build_plateau
from tests.harness.promised import DROPS, SCHEDULES, WARM, compute_rates, promise
from tests.harness.promised.torch_training import MULTIPLIERS, OPTIMIZERS, ORDERS, Training, load, multiply

PLATEAU = ReduceOnPlateau(base_lr=0.3, factor=0.1, patience=1)
METRICS = [1.0, 1.0, 1.0, 1.0, 1.0]


@promise("torch", "`add_param_group` in a training", "the new group applies lr(t), times its `lr_mult`, from its first "
         "update on", OPTIMIZERS)
def check_added(optimizer):
    for schedule in SCHEDULES:
        for lr in ({}, {"lr": 5.0}):
            training = Training(schedule, optimizer)
            training.train(4)
            weight = torch.nn.Parameter(torch.zeros(1))
            training.optimizer.add_param_group({"params": [weight], "lr_mult": 0.5, **lr})
            assert training.train(8) == multiply(compute_rates(schedule, 4, 12), (*MULTIPLIERS, 0.5))
            states = training.save()
            again = Training(schedule, optimizer)
            again.optimizer.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))], "lr_mult": 0.5})
            again.optimizer.load_state_dict(states[0])
            again.scheduler.load_state_dict(states[1])
            assert again.train(4) == multiply(compute_rates(schedule, 12, 16), (*MULTIPLIERS, 0.5))


@promise("torch", "`add_param_group` with a tensor of whole numbers as rate", "TypeError", OPTIMIZERS)
def check_added_whole(optimizer):
    training = Training(DROPS, optimizer)
    with pytest.raises(TypeError, match=r"^param_groups\[2\]\['lr'\] must be a number or a tensor of float32 or "):
        training.optimizer.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))], "lr": torch.tensor(1)})


GROUPS = ParameterGroups(schedule=WARM, groups=[Group(name="biases", match=["*bias"], lr_mult=0.1)])


class Grouped(Training):
    """A training of `build_groups`: a weight, and a bias with a tenth of its rate."""

    def __init__(self, groups: ParameterGroups, optimizer: str) -> None:
        self.scheduler = build_groups(groups, torch.nn.Linear(1, 1), lambda members, lr: OPTIMIZERS[optimizer](members))
        self.optimizer = self.scheduler.optimizer

    def train(self, updates: int) -> list[list[float]]:
        """Return the rates in the order of the file's groups: the default group last."""
        return [rates[::-1] if self.optimizer.param_groups[0]["name"] == "biases" else rates
                for rates in super().train(updates)]


@promise("torch", "`build_groups`: the same states, orders and copies, also with edited groups", "the new groups' "
         "lr(t) from the first update on", OPTIMIZERS)
def check_grouped(optimizer):
    edited = GROUPS.model_copy(update={"schedule": DROPS})
    training = Grouped(GROUPS, optimizer)
    assert training.train(7) == multiply(compute_rates(WARM, 0, 7))
    states = training.save()
    for groups, schedule in ((GROUPS, WARM), (edited, DROPS)):
        for order in ORDERS:
            again = Grouped(groups, optimizer)
            load(again, *states, order)
            again.scheduler = pickle.loads(pickle.dumps(copy.deepcopy(again.scheduler)))
            again.optimizer = again.scheduler.optimizer
            assert again.train(8) == multiply(compute_rates(schedule, 7, 15))


@promise("torch", "`build_groups`: `add_param_group`", "follows its group's schedule if it has a `name` of the groups; "
         "else ValueError", OPTIMIZERS)
def check_grouped_added(optimizer):
    training = Grouped(GROUPS, optimizer)
    training.train(3)
    weight = torch.nn.Parameter(torch.zeros(1))
    training.optimizer.add_param_group({"params": [weight], "name": "default"})
    training.update()
    assert -weight.item() == compute_rates(WARM, 3, 4)[0]
    with pytest.raises(ValueError, match=r"^param_groups\[3\]\['name'\] must be one of .*, got None$"):
        training.optimizer.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))]})


def watch(training, metrics):
    """Return the applied rates of one update before each metric."""
    applied = []
    for metric in metrics:
        applied.append(training.update())
        training.scheduler.step(metric)
    return applied


def compute_plateau(plateau, seen, metrics):
    """Return the rates of updates before each of the metrics, after those already seen."""
    return multiply([float(np.float32(plateau.lr([*seen, *metrics[:count]]))) for count in range(len(metrics))])


@promise("torch", "`build_plateau`", "a ReduceLROnPlateau for every optimizer and rule, which trainers step and save; "
         "its state has the rate", OPTIMIZERS)
def check_plateau(optimizer):
    for rule in ("exceeds", "reaches"):
        plateau = PLATEAU.model_copy(update={"rule": rule})
        training = Training(plateau, optimizer, build=build_plateau)
        assert isinstance(training.scheduler, ReduceLROnPlateau)
        assert watch(training, METRICS) == compute_plateau(plateau, [], METRICS)
        state = json.loads(json.dumps(training.scheduler.state_dict()))
        assert state["rate"] == plateau.lr(METRICS) < 0.3


@promise("torch", "`build_plateau`: the same states, orders and copies, also with an edited rule", "continues at the "
         "saved rate and counts, with the new rule", OPTIMIZERS)
def check_plateau_states(optimizer):
    for plateau in (PLATEAU, PLATEAU.model_copy(update={"factor": 0.5})):
        training = Training(PLATEAU, optimizer, build=build_plateau)
        watch(training, METRICS)
        states = training.save()
        for order in ORDERS:
            again = Training(plateau, optimizer, build=build_plateau)
            load(again, *states, order)
            again.scheduler = pickle.loads(pickle.dumps(copy.deepcopy(again.scheduler)))
            again.optimizer = again.scheduler.optimizer
            rate = PLATEAU.lr(METRICS)
            expected = [rate, rate, rate * plateau.factor, rate * plateau.factor]
            assert watch(again, [1.0] * 4) == multiply(np.float32(expected).tolist())


@promise("torch", "`build_plateau`: group added, one rate tensor, rate set by hand", "as for `build`", OPTIMIZERS)
def check_plateau_groups(optimizer):
    training = Training(PLATEAU, optimizer, build=build_plateau)
    training.optimizer.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))], "lr_mult": 0.5})
    assert training.update() == multiply([float(np.float32(0.3))], (*MULTIPLIERS, 0.5))[0]
    build(DROPS, training.optimizer)
    for group in training.optimizer.param_groups:
        group["lr"] = 0.25
    with pytest.warns(UserWarning, match="this scheduler wrote 0"):
        training.scheduler.step(1.0)
    assert training.update() == multiply([float(np.float32(0.3))], (*MULTIPLIERS, 0.5))[0]
