"""Checks the promises of `build` in torch beside other schedulers, and when a script sets the rate."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import ChainedScheduler, ExponentialLR, LinearLR, SequentialLR

from frameworks.torch import build, set_rate
from tests.harness.promised import DROPS, SCHEDULES, WARM, compute_rates, promise
from tests.harness.promised.torch_training import OPTIMIZERS, ORDERS, Training, load, multiply

WARNING = r"this scheduler wrote .* Another scheduler, a loaded optimizer or the script changed it"


@promise("torch", "ChainedScheduler, this scheduler last", "lr(t): each step replaces what the others wrote; warns "
         "once", OPTIMIZERS)
def check_chained_last(optimizer):
    for schedule in SCHEDULES:
        training = Training(schedule, optimizer, build=None)
        first = LinearLR(training.optimizer, 0.5, total_iters=20)
        training.scheduler = ChainedScheduler([first, build(schedule, training.optimizer)])
        with pytest.warns(UserWarning, match=WARNING) as caught:
            assert training.train(12) == multiply(compute_rates(schedule, 0, 12))
        assert len(caught) == 1


@promise("torch", "ChainedScheduler, this scheduler first", "from lr(1) on, what the other class makes of lr(t); warns "
         "at the first step", OPTIMIZERS)
def check_chained_first(optimizer):
    for schedule in SCHEDULES:
        training = Training(schedule, optimizer, build=None)
        scheduler = build(schedule, training.optimizer)
        training.scheduler = ChainedScheduler([scheduler, ExponentialLR(training.optimizer, 0.5)])
        with pytest.warns(UserWarning, match=WARNING) as caught:
            applied = [training.train(1)[0], *training.train(11)]
        rates = np.array(multiply(compute_rates(schedule, 0, 12)))
        rates[1:] *= 0.5
        assert applied == rates.tolist()
        assert len(caught) == 1


@promise("torch", "part of a SequentialLR", "its own count: lr(0) at the milestone, no warning; a saved training "
         "resumes in any order", OPTIMIZERS)
def check_sequential(optimizer):
    def build_sequence(schedule, made):
        return SequentialLR(made, [build(WARM, made), build(schedule, made)], [4])

    for schedule in SCHEDULES:
        rates = multiply(compute_rates(WARM, 0, 4) + compute_rates(schedule, 0, 20))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", message="The epoch parameter")  # torch's
            for stop in (2, 4, 9):
                training = Training(schedule, optimizer, build=build_sequence)
                assert training.train(stop) == rates[:stop]
                states = training.save()
                for order in ORDERS:
                    again = Training(schedule, optimizer, build=build_sequence)
                    load(again, *states, order)
                    assert again.train(10) == rates[stop:stop + 10]


@promise("torch", "in a SequentialLR before a class of torch", "the other class begins at the optimizer's first rate, "
         "as torch has it; a saved training "
         "resumes in any order", OPTIMIZERS)
def check_sequential_first(optimizer):
    def build_sequence(schedule, made):
        return SequentialLR(made, [build(schedule, made), ExponentialLR(made, 0.5)], [4])

    for schedule in SCHEDULES:
        whole = Training(schedule, optimizer, build=build_sequence).train(12)
        assert whole[:4] == multiply(compute_rates(schedule, 0, 4))
        assert whole[4:] == [[0.5**t] * 2 for t in range(8)]
        for stop in (2, 6):
            training = Training(schedule, optimizer, build=build_sequence)
            training.train(stop)
            states = training.save()
            for order in ORDERS:
                again = Training(schedule, optimizer, build=build_sequence)
                load(again, *states, order)
                assert again.train(12 - stop) == whole[stop:]


@promise("torch", "two schedulers, both stepped", "the rate of the one that was stepped last; the other warns once",
         OPTIMIZERS)
def check_two(optimizer):
    training = Training(WARM, optimizer)
    second = build(DROPS, training.optimizer)

    def step():
        training.scheduler.step()
        second.step()

    applied = [training.update()]
    with pytest.warns(UserWarning, match=WARNING):
        step()
    for _ in range(11):
        applied.append(training.update())
        step()
    assert applied == multiply(compute_rates(DROPS, 0, 12))


@promise("torch", "two schedulers, one after the other", "each applies its own rates while it is stepped; the first, "
         "unused, changes nothing", OPTIMIZERS)
def check_in_turn(optimizer):
    training = Training(WARM, optimizer)
    training.train(4)
    kept = training.scheduler
    training.scheduler = build(DROPS, training.optimizer)
    assert training.train(4) == multiply(compute_rates(DROPS, 0, 4))
    states = training.save()
    training.optimizer.load_state_dict(states[0])
    training.scheduler.load_state_dict(states[1])
    assert training.train(8) == multiply(compute_rates(DROPS, 4, 12))
    assert kept.last_epoch == 4


@promise("torch", "`set_rate` or a line of the script sets the rate", "the next update applies it; the next step warns "
         "once and writes lr(t)", OPTIMIZERS)
def check_by_hand(optimizer):
    for schedule in SCHEDULES:
        training = Training(schedule, optimizer)
        training.train(3)
        set_rate(training.optimizer, 0.125)
        assert training.update() == [0.125, 0.125]
        with pytest.warns(UserWarning, match=WARNING):
            training.scheduler.step()
        assert training.train(6) == multiply(compute_rates(schedule, 4, 10))


@promise("torch", "`scheduler.step(epoch)`, deprecated by torch", "lr(epoch)", OPTIMIZERS)
def check_step_to(optimizer):
    for schedule in SCHEDULES:
        training = Training(schedule, optimizer)
        training.update()
        with pytest.warns(UserWarning, match="The epoch parameter"):
            training.scheduler.step(21)
        assert training.train(6) == multiply(compute_rates(schedule, 21, 27))


@promise("torch", "`set_rate` without a scheduler, one tensor in all groups", "every group applies the rate",
         OPTIMIZERS)
def check_set_rate(optimizer):
    training = Training(DROPS, optimizer, build=None)
    assert set_rate(training.optimizer, 0.125) == 0.125
    assert training.update() == [0.125, 0.125]
    rates = [group["lr"] for group in training.optimizer.param_groups]
    assert not isinstance(rates[0], torch.Tensor) or rates[0] is not rates[1]
