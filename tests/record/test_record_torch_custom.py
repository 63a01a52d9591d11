"""Tests recordings of PyTorch's optimizers that wrap others, or write their rate inside their step."""

from __future__ import annotations

import warnings
from collections import OrderedDict, defaultdict
from itertools import count

import numpy as np
import pytest
import torch

from frameworks.torch import record

RATES = [0.5 / (t + 1) for t in range(6)]


class Sharing(torch.optim.Optimizer):
    """Wraps an optimizer, with its groups."""

    def __init__(self, inner):
        super().__init__(inner.param_groups, {})
        self.inner = inner

    def step(self, closure=None):
        self.inner.step()


class Holding(Sharing):
    """Wraps an optimizer, with other groups of the same parameters."""

    def __init__(self, inner):
        torch.optim.Optimizer.__init__(self, [{"params": group["params"]} for group in inner.param_groups], {"lr": 9.0})
        self.held = [{"inner": inner.step}]

    def step(self, closure=None):
        self.held[0]["inner"]()


class Unhooked(Sharing):
    """Wraps an optimizer without the constructor of Optimizer, as timm's Lookahead and accelerate's optimizer."""

    def __init__(self, inner):
        self._optimizer_step_pre_hooks, self._optimizer_step_post_hooks = OrderedDict(), OrderedDict()
        self.inner, self.param_groups, self.state = inner, inner.param_groups, defaultdict(dict)

    def step(self, closure=None):
        self.inner.step()


class Divided(torch.optim.Optimizer):
    """Gives each parameter an optimizer."""

    def __init__(self, weights, lr):
        super().__init__(weights, {"lr": lr})
        self.parts = [torch.optim.SGD([weight], lr) for weight in self.param_groups[0]["params"]]

    def step(self, closure=None):
        for part in self.parts:
            part.step()


def build_weights():
    weights = [torch.nn.Parameter(torch.zeros(size)) for size in (2, 3)]
    for weight in weights:
        weight.grad = torch.ones_like(weight)
    return weights


def train(optimizer, recorded):
    with warnings.catch_warnings(), record(recorded) as rates:
        warnings.simplefilter("error", RuntimeWarning)
        for _ in range(6):
            optimizer.step()
    assert len(rates) == 6
    return rates.read_rates().tolist()


@pytest.mark.parametrize("wrapper", [Sharing, Holding, Unhooked])
@pytest.mark.parametrize("depth", [1, 2])
def test_a_wrapper_is_not_another_optimizer(wrapper, depth):
    inner = optimizer = torch.optim.SGD(build_weights(), lr=0.5)
    for _ in range(depth):
        optimizer = wrapper(optimizer)
    assert train(optimizer, inner) == [0.5] * 6
    assert train(optimizer, optimizer) == [0.5] * 6  # of the inner one, which applies it


def test_parts_of_an_optimizer_are_not_others():
    optimizer = Divided(build_weights(), 0.5)
    assert train(optimizer, optimizer) == [0.5] * 6


@pytest.mark.parametrize("recorded", [True, False])
def test_another_optimizer_beside_a_wrapped_one_is_noticed(recorded):
    weights = build_weights()
    inner = torch.optim.SGD(weights, lr=0.5)
    wrapper, other = Sharing(inner), Sharing(torch.optim.Adam(weights, lr=0.5))
    with record(wrapper if recorded else inner) as rates:
        wrapper.step()
        with pytest.warns(RuntimeWarning, match="update 1: another optimizer, Adam, updates the recorded") as caught:
            [optimizer.step() for optimizer in (other, other)]
    assert len(caught) == len(rates) == 1


def test_a_wrapper_without_hooks_inside_is_refused():
    with pytest.raises(TypeError, match="optimizer must call the hooks of its steps, got Unhooked"):
        record(Unhooked(type("", (), {"param_groups": []})()))


def write_rate(optimizer, t):
    for group in optimizer.param_groups:
        group["lr"] = 0.5 / (t + 1)


class AtTheEnd(torch.optim.SGD):
    """Writes the rate of the next update when it has updated."""

    def step(self, closure=None):
        super().step()
        self.updates = getattr(self, "updates", 0) + 1
        write_rate(self, self.updates)


class AtTheStart(torch.optim.SGD):
    """Writes the rate of an update before it."""

    def step(self, closure=None):
        self.updates = getattr(self, "updates", -1) + 1
        write_rate(self, self.updates)
        super().step()


class WithScheduler(torch.optim.Adam):
    """Steps a scheduler, which reads the rate that it has written."""

    def step(self, closure=None):
        if "scheduler" not in vars(self):
            self.scheduler = torch.optim.lr_scheduler.LambdaLR(self, lambda t: 1 / (t + 1))
        super().step()
        self.scheduler.step()


class Plain(torch.optim.Optimizer):
    """Updates by itself, around its data as old optimizers, and writes the rate at the end or the start."""

    def __init__(self, weights, lr, at_start=False):
        super().__init__(weights, {"lr": lr})
        self.updates, self.at_start = count(0 if at_start else 1), at_start

    def step(self, closure=None):
        if self.at_start:
            write_rate(self, next(self.updates))
        for group in self.param_groups:
            for weight in group["params"]:
                weight.data.add_(weight.grad, alpha=-group["lr"])
        if not self.at_start:
            write_rate(self, next(self.updates))


@pytest.mark.parametrize("build", [AtTheEnd, AtTheStart, WithScheduler])
def test_the_rate_of_a_step_around_another_that_calls_hooks(build):
    torch.optim.SGD(build_weights(), lr=0.5), torch.optim.Adam(build_weights(), lr=0.5)  # from now on their steps do
    optimizer = build(build_weights(), lr=0.5)
    assert train(optimizer, optimizer) == RATES


@pytest.mark.parametrize("at_start", [False, True])
def test_a_rate_that_a_step_itself_writes_is_not_known(at_start):
    """Its groups show the rate before the step and after it; which one was applied is not guessed."""
    alone, optimizer = Plain(build_weights(), 0.5, at_start), Plain(build_weights(), 0.5, at_start)
    groups = optimizer.param_groups[0]
    with record(optimizer) as rates, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for _ in range(6):
            alone.step()
            optimizer.step()
    assert np.isnan(rates.read_rates()).tolist() == [not (at_start and t == 0) for t in range(6)]
    update = int(at_start)  # the first one may write the rate that was there
    assert [str(warning.message).partition(" within")[0] for warning in warned] == [
        f"update {update}: Plain changes its rate"]
    assert optimizer.param_groups[0] is groups
    assert groups["lr"] == alone.param_groups[0]["lr"]
    assert all(map(torch.equal, groups["params"], alone.param_groups[0]["params"]))


def test_an_optimizer_without_a_rate():
    optimizer = Divided(build_weights(), 0.5)
    optimizer.param_groups[0]["lr"] = None  # as transformers' Adafactor, which computes its rate
    with record(optimizer) as rates:
        optimizer.step()
    assert len(rates) == 1
    assert np.isnan(rates.read_rates()).all()
