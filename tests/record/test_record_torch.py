"""Tests that a recording has the rates that optimizers of PyTorch applied."""

from __future__ import annotations

import pickle
from functools import partial

import numpy as np
import pytest
import torch

from frameworks.record_rows import RecordError
from frameworks.schedule import Cosine
from frameworks.schedule.group_files import loads_groups
from frameworks.torch import assert_applied, build, build_groups, record

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
OPTIMIZERS = {"SGD": torch.optim.SGD, "momentum": partial(torch.optim.SGD, momentum=0.9),
              "AdamW": torch.optim.AdamW, "fused": partial(torch.optim.AdamW, fused=True),
              "tensor": lambda weights, lr: torch.optim.Adam(weights, lr=torch.tensor(lr))}


def build_training(optimizer=torch.optim.SGD, groups=1):
    torch.manual_seed(0)
    nets = [torch.nn.Linear(3, 2) for _ in range(groups)]
    trained = optimizer([{"params": net.parameters()} for net in nets], lr=0.1)
    return nets, trained, build(SCHEDULE, trained)


def update(nets, optimizer, step=None):
    optimizer.zero_grad()
    sum(net(torch.ones(4, 3)).sum() for net in nets).backward()
    (step or optimizer.step)()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_any_optimizer_is_recorded(name):
    nets, optimizer, scheduler = build_training(OPTIMIZERS[name])
    with record(optimizer) as rates:
        for _ in range(30):
            update(nets, optimizer)
            scheduler.step()
            rates.report(scheduler.get_last_lr()[0])
    update(nets, optimizer)
    assert len(rates) == 30
    assert_applied(rates, SCHEDULE)
    reported = rates.read_columns()["reported"].astype(np.float32)
    assert reported[:-1].tolist() == rates.read_rates()[1:].astype(np.float32).tolist()  # that of the next update


def test_a_closure_and_lbfgs():
    nets, optimizer, scheduler = build_training(lambda groups, lr: torch.optim.LBFGS(nets_of(groups), lr=lr))
    with record(optimizer) as rates:
        for _ in range(5):
            optimizer.step(lambda: nets[0](torch.ones(4, 3)).square().sum())
            scheduler.step()
    assert_applied(rates, SCHEDULE)


def nets_of(groups):
    return [weight for group in groups for weight in group["params"]]


def test_a_scheduler_that_a_hook_steps():
    nets, optimizer, scheduler = build_training()
    optimizer.register_step_post_hook(lambda *_: scheduler.step())
    with record(optimizer) as rates:
        for _ in range(30):
            update(nets, optimizer)
    assert_applied(rates, SCHEDULE)


@pytest.mark.parametrize("fused", [False, True])
def test_updates_that_a_grad_scaler_skips_have_no_row(fused):
    nets, optimizer, scheduler = build_training(partial(torch.optim.SGD, fused=fused))
    scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    with record(optimizer) as rates:
        for step in range(12):
            optimizer.zero_grad()
            scaler.scale(nets[0](torch.full((4, 3), torch.inf if step in (0, 5) else 1.0)).sum()).backward()
            before = nets[0].weight.detach().clone()
            scaler.step(optimizer)
            scaler.update()
            if not torch.equal(before, nets[0].weight):
                scheduler.step()
    assert len(rates) == 10
    assert_applied(rates, SCHEDULE)


def test_a_compiled_update():
    nets, optimizer, scheduler = build_training(lambda weights, lr: torch.optim.SGD(weights, lr=torch.tensor(lr)))
    compiled = torch.compile(optimizer.step, backend="eager")
    with record(optimizer) as rates:
        for _ in range(10):
            update(nets, optimizer, compiled)
            scheduler.step()
    assert_applied(rates, SCHEDULE)
    assert len(rates) == 10


def test_several_optimizers_and_groups():
    nets, optimizer, scheduler = build_training(groups=2)
    optimizer.param_groups[1]["lr_mult"] = 0.5
    scheduler = build(SCHEDULE, optimizer)
    others, other, _ = build_training()
    with record(optimizer) as rates, record(other) as constant:
        for _ in range(10):
            update(nets, optimizer)
            update(others, other)
            scheduler.step()
    assert_applied(rates, SCHEDULE)
    assert rates.read_rates(1).astype(np.float32).tolist() == [np.float32(np.float32(SCHEDULE.lr(t)) * 0.5)
                                                               for t in range(10)]
    assert set(constant.read_rates()) == {float(np.float32(0.3))}


def test_groups_of_build_groups():
    groups = loads_groups('{"schedule": {"kind": "constant", "base_lr": 0.5}, "groups": ['
                          '{"name": "slow", "match": ["*bias"], "lr_mult": 0.5}]}', name="groups")
    net = torch.nn.Linear(3, 2)
    scheduler = build_groups(groups, net)
    with record(scheduler.optimizer) as rates:
        update([net], scheduler.optimizer)
    assert sorted([rates.read_rates(0)[0], rates.read_rates(1)[0]]) == [0.25, 0.5]


def test_the_weights_show_the_rate():
    nets, optimizer, scheduler = build_training(groups=2)
    with record(optimizer, measure=True) as rates:
        for _ in range(30):
            update(nets, optimizer)
            scheduler.step()
    columns = rates.read_columns()
    assert columns["measured"].tolist() == columns["lr"].tolist()
    assert columns["measured_1"].tolist() == columns["lr_1"].tolist()


def test_a_gradient_of_0_shows_no_rate():
    nets, optimizer, _ = build_training()
    with record(optimizer, measure=True) as rates:
        sum(weight.sum() * 0 for weight in nets[0].parameters()).backward()
        optimizer.step()
        update(nets, optimizer)
    assert np.isnan(rates.read_columns()["measured"]).tolist() == [True, False]


def test_weights_that_do_not_follow_the_rate_are_seen():
    nets, optimizer, _ = build_training()
    with record(optimizer, measure=True) as rates:
        optimizer.register_step_pre_hook(lambda *_: setattr(nets[0].bias, "grad", 2 * nets[0].bias.grad))
        update(nets, optimizer)
    columns = rates.read_columns()
    assert columns["measured"][0] == pytest.approx(2 * columns["lr"][0], rel=1e-6)


@pytest.mark.parametrize(("options", "rule"), [
    ({"momentum": 0.9}, r"without momentum: it must be 0 in param_groups\[0\], got 0.9"),
    ({"weight_decay": 0.1}, r"without weight_decay: it must be 0 in param_groups\[0\], got 0.1")])
def test_what_cannot_be_measured_is_refused(options, rule):
    _, optimizer, _ = build_training(partial(torch.optim.SGD, **options))
    with pytest.raises(RecordError, match=rule):
        record(optimizer, measure=True)
    record(optimizer).close(warn=False)  # it is not being recorded


def test_an_optimizer_may_be_wrapped_and_is_still_pickled():
    class Wrapper:
        def __init__(self, optimizer):
            self.optimizer = optimizer

    nets, optimizer, _ = build_training()
    with record(Wrapper(Wrapper(optimizer))) as rates:
        update(nets, optimizer)
        pickle.dumps(optimizer)
        with pytest.raises(RecordError, match="this SGD is already being recorded"):
            record(optimizer)
    assert len(rates) == 1
    with pytest.raises(TypeError, match=r"optimizer must be a torch.optim.Optimizer, got Linear"):
        record(nets[0])


def test_an_optimizer_that_is_replaced_is_noticed():
    nets, optimizer, _ = build_training()
    with record(optimizer) as rates:
        update(nets, optimizer)
        other = torch.optim.Adam(nets[0].parameters(), lr=0.1)
        with pytest.warns(RuntimeWarning, match="update 1: another optimizer, Adam, updates the recorded parameters"):
            update(nets, other)
        update(nets, other)
        update(nets, torch.optim.Adam(torch.nn.Linear(3, 2).parameters()))  # other parameters
    assert len(rates) == 1
