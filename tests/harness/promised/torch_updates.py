"""Checks the promises of `build` in torch for a training without a stop."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frameworks.torch import build
from tests.harness.promised import DROPS, SCHEDULES, WARM, compute_rates, promise
from tests.harness.promised.torch_training import OPTIMIZERS, Training, multiply

NUMBERS = [name for name in OPTIMIZERS if "tensor" not in name]
TENSORS = [name for name in OPTIMIZERS if "tensor" in name]


@promise("torch", "first update", "applies lr(0), whatever rate the optimizer had", OPTIMIZERS)
def check_first(optimizer):
    for schedule in SCHEDULES:
        assert Training(schedule, optimizer).update() == multiply(compute_rates(schedule, 0, 1))[0]


@promise("torch", "update t, one `scheduler.step()` after each update", "applies lr(t)", OPTIMIZERS)
def check_each(optimizer):
    for schedule in SCHEDULES:
        assert Training(schedule, optimizer).train(30) == multiply(compute_rates(schedule, 0, 30))


@promise("torch", "groups with `lr_mult`", "each group applies float32(lr(t) * lr_mult), also where torch gives all "
         "groups one rate tensor", OPTIMIZERS)
def check_groups(optimizer):
    training = Training(WARM, optimizer)
    rates = training.train(8)
    assert rates == multiply(compute_rates(WARM, 0, 8))
    assert rates[3][0] != rates[3][1] != 0


@promise("torch", "a float64 or float16 weight", "the float32 rate; float16 weights round the update", OPTIMIZERS)
def check_types(optimizer):
    for dtype in (torch.float64, torch.float16):
        training = Training(WARM, optimizer, build=None)
        for weight in training.weights:
            weight.data = weight.data.to(dtype)
        training.scheduler = build(WARM, training.optimizer)
        rates = np.array(multiply(compute_rates(WARM, 0, 6)), str(dtype).removeprefix("torch."))
        assert training.train(6) == rates.tolist()


@promise("torch", "`optimizer.step` is skipped by GradScaler, and the scheduler is not stepped",
         "the next update applies the same lr(t)", OPTIMIZERS)
def check_skipped(optimizer):
    training = Training(WARM, optimizer)
    training.train(3)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0)
    for weight in training.weights:
        weight.data.zero_()
        weight.grad = None
        scaler.scale((weight * float("inf")).sum()).backward()
    scaler.step(training.optimizer)
    scaler.update()
    assert [weight.item() for weight in training.weights] == [0.0, 0.0]
    assert training.train(3) == multiply(compute_rates(WARM, 3, 6))


@promise("torch", "gradients of several batches, one update", "applies lr(t): updates are counted, not batches",
         OPTIMIZERS)
def check_accumulated(optimizer):
    training = Training(WARM, optimizer)
    for t in range(6):
        for weight in training.weights:
            weight.data.zero_()
            weight.grad = None
            for _ in range(4):
                (weight.sum() / 4).backward()
            training.optimizer.state[weight].pop("momentum_buffer", None)
        training.optimizer.step()
        training.scheduler.step()
        assert [-weight.item() for weight in training.weights] == multiply(compute_rates(WARM, t, t + 1))[0]


@promise("torch", "the rate is in a tensor of float32 or float64", "written in place; each group gets a separate "
         "tensor", TENSORS)
def check_own_tensors(optimizer):
    for dtype in (torch.float32, torch.float64):
        training = Training(DROPS, optimizer, build=None)
        for group in training.optimizer.param_groups:
            group["lr"] = group["lr"].to(dtype)
        first = training.optimizer.param_groups[0]["lr"]
        training.scheduler = build(DROPS, training.optimizer)
        assert training.train(12) == multiply(compute_rates(DROPS, 0, 12))
        assert training.optimizer.param_groups[0]["lr"] is first
        assert training.optimizer.param_groups[1]["lr"].data_ptr() != first.data_ptr()


@promise("torch", "the rate is in a tensor of whole numbers, float16 or bfloat16", "TypeError from `build`: such a "
         "tensor rounds the rates, a whole number to 0", TENSORS)
def check_refused_tensors(optimizer):
    for rate in (torch.tensor(1), torch.tensor(0.5, dtype=torch.bfloat16), torch.tensor(0.5, dtype=torch.float16)):
        training = Training(DROPS, optimizer, build=None)
        for group in training.optimizer.param_groups:
            group["lr"] = rate
        with pytest.raises(TypeError, match=r"^param_groups\[0\]\['lr'\] must be a number or a tensor of float32 or "):
            build(DROPS, training.optimizer)


@promise("torch", "the rate is a whole number, `lr=1`", "applies lr(t)", NUMBERS)
def check_whole_number(optimizer):
    training = Training(WARM, optimizer, build=None)
    for group in training.optimizer.param_groups:
        group["lr"] = 1
    training.scheduler = build(WARM, training.optimizer)
    assert training.train(6) == multiply(compute_rates(WARM, 0, 6))
