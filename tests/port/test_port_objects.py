"""Tests that scheduler objects are read as the text of their constructor."""

from __future__ import annotations

from importlib import import_module

import pytest
import test_port_reading as texts

from frameworks import backend
from frameworks.schedule import Cosine, Shift, Warmup, lrs
from parity.port import PortError, ported, read_object, read_text, specification


def build_scheduler(source, text):
    """Create a scheduler object from the text of its constructor."""
    backend(source)
    names = dict(vars(import_module(texts.MODULES[source])))
    optimizer = None
    if source == "torch":
        import torch

        names["SWALR"] = torch.optim.swa_utils.SWALR
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.3)
    return eval(text, names, {"optimizer": optimizer})


@pytest.mark.parametrize(("source", "text"), [*texts.CONSTRUCTORS, ("torch", "SWALR(optimizer, 0.05)"), (
    "torch", "SWALR(optimizer, swa_lr=0.05, anneal_epochs=7, anneal_strategy='linear')")])
def test_an_object_is_read_as_its_text(source, text):
    """A scheduler object is read as its text."""
    expected = read_text(text, source, lr=0.3 if source == "torch" else None)
    reading = read_object(build_scheduler(source, text))
    if "OneCycleLR" in text or "CyclicLR" in text:  # its shares are computed from what it keeps
        assert lrs(reading.schedule, 80) == pytest.approx(lrs(expected.schedule, 80), rel=1e-12)
        return
    assert (reading.schedule, reading.followed) == (expected.schedule, expected.followed)
    # an object has its arguments, whether they were given or not
    assert reading.traps == [trap for trap in expected.traps if " is not given: " not in trap]


@pytest.mark.parametrize("updates", [1, 4, 9])
@pytest.mark.parametrize("text", [
    "StepLR(optimizer, 3)", "OneCycleLR(optimizer, 0.5, total_steps=50, cycle_momentum=False)",
    "CosineAnnealingLR(optimizer, 10)", "SWALR(optimizer, 0.05)",
    "CyclicLR(optimizer, 0.1, 0.5, 7, cycle_momentum=False)",
    "SequentialLR(optimizer, [LinearLR(optimizer), StepLR(optimizer, 7)], [5])",
    "ChainedScheduler([LinearLR(optimizer, total_iters=9), ExponentialLR(optimizer, 0.9)])"])
def test_a_stepped_scheduler_of_torch_is_read_as_what_is_still_to_come(text, updates):
    """The rates of the next 30 updates are read, and a trap states how many were made."""
    scheduler = build_scheduler("torch", text)

    def step():
        scheduler.optimizer.step()
        scheduler.step()
        return scheduler.optimizer.param_groups[0]["lr"]

    for _ in range(updates):
        step()
    now = scheduler.optimizer.param_groups[0]["lr"]
    reading = read_object(scheduler)
    assert lrs(reading.schedule, 31).tolist() == pytest.approx([now, *(step() for _ in range(30))], rel=1e-9)
    assert f"has made {updates} updates: what is still to come is read" in reading.traps[-1]


@pytest.mark.parametrize("updates", [0, 3, 20, 45])
@pytest.mark.parametrize("text", [
    "FactorScheduler(7, 0.5, base_lr=0.4)", "FactorScheduler(7, 0.5, 0.3, base_lr=0.4)",
    "MultiFactorScheduler([15, 30], 0.5, base_lr=0.4)", "CosineScheduler(40, 0.4, 0.1, 8)",
    "FactorScheduler(7, 0.5, base_lr=0.4, warmup_steps=10)", "PolyScheduler(30, 0.4)"])
def test_a_used_scheduler_of_mxnet_is_read_with_its_optimizer(text, updates):
    """After some updates of a real optimizer, its next 30 rates are read."""
    import mxnet as mx

    scheduler = build_scheduler("mxnet", text)
    optimizer = mx.optimizer.SGD(lr_scheduler=scheduler)
    weight, gradient = mx.nd.zeros(1), mx.nd.ones(1)
    for _ in range(updates):
        optimizer.update(0, weight, gradient, None)
    read, rates = specification(scheduler, optimizer), []
    for _ in range(30):
        weight[:] = 0
        optimizer.update(0, weight, gradient, None)
        rates.append(-float(weight.asscalar()))
    assert lrs(read, 30).tolist() == pytest.approx(rates, rel=1e-6)


def test_a_schedule_of_keras_is_read_with_its_optimizer():
    """An optimizer of Keras counts the updates."""
    backend("tensorflow")
    import keras

    schedule = build_scheduler("tensorflow", "CosineDecay(0.5, 20)")
    optimizer = keras.optimizers.SGD(schedule)
    optimizer.build([keras.Variable(0.0)])
    optimizer.iterations.assign(5)
    assert specification(schedule, optimizer) == Shift(by=5, of=Cosine(base_lr=0.5, updates=20))


@pytest.mark.parametrize("framework", ["mxnet", "torch", "tensorflow"])
def test_what_this_project_builds_is_read_as_its_specification(framework):
    """The schedulers of `build` keep their specification."""
    schedule = Warmup(updates=5, then=Cosine(base_lr=0.3, updates=15))
    optimizer = build_scheduler("torch", "StepLR(optimizer, 3)").optimizer
    built = backend(framework).build(schedule, *([optimizer] if framework == "torch" else []))
    assert specification(built) == schedule


def test_reduce_on_plateau_is_read_and_written():
    """torch's ReduceLROnPlateau is a metric-driven rule, also on an optimizer that had no scheduler before."""
    text = "ReduceLROnPlateau(optimizer, mode='max', factor=0.5, patience=3, min_lr=0.001)"
    scheduler = build_scheduler("torch", text)
    rule = specification(scheduler)
    assert (rule.base_lr, rule.direction, rule.factor, rule.patience, rule.min_lr) == (0.3, "max", 0.5, 3, 0.001)
    assert "keras.callbacks.ReduceLROnPlateau(" in ported(scheduler, "keras")
    scheduler.step(1.0)
    with pytest.raises(PortError, match="ReduceLROnPlateau has been stepped"):
        specification(scheduler)


def test_an_object_is_written_for_another_framework():
    """`ported` prints the specification, the code and the traps."""
    text = ported(build_scheduler("torch", "StepLR(optimizer, 3)"), "gluon")
    assert "lr_scheduler = schedulers.FactorScheduler(3, 0.1" in text
    with pytest.raises(PortError, match=r"to must be one of mxnet, torch, tensorflow, optax, .*, olmo, got 'jax'"):
        ported(build_scheduler("torch", "StepLR(optimizer, 3)"), "jax")


def test_a_scheduler_that_an_optimizer_has_overwritten_is_read_as_it_is_now():
    """The rate that an MXNet optimizer wrote into a scheduler is read."""
    import mxnet as mx

    scheduler = build_scheduler("mxnet", "FactorScheduler(3, 0.5, base_lr=0.5, warmup_steps=4)")
    mx.optimizer.create("adam", lr_scheduler=scheduler)
    expected = read_text("FactorScheduler(3, 0.5, base_lr=0.5, warmup_steps=4)", "mxnet", optimizer="Adam()")
    assert read_object(scheduler).schedule == expected.schedule


def test_a_scheduler_that_has_been_plotted_is_refused():
    """A used MXNet scheduler, which no longer has its first rate, is refused."""
    scheduler = build_scheduler("mxnet", "MultiFactorScheduler([15, 30], 0.5, base_lr=0.5)")
    for count in range(1, 20):
        scheduler(count)
    with pytest.raises(PortError, match="has been used or plotted, and its first rate is lost: read a new one"):
        read_object(scheduler)


def test_what_cannot_be_read_is_refused_by_name():
    """Subclasses, LambdaLR, other objects and unequal parameter groups are refused."""
    import torch
    from torch.optim.lr_scheduler import LambdaLR, StepLR

    class Own(StepLR):
        pass

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.3)
    with pytest.raises(PortError, match="Own is a subclass of StepLR: what it changes cannot be seen"):
        read_object(Own(optimizer, 3))
    with pytest.raises(PortError, match="LambdaLR cannot be ported: its rates are whatever its function returns"):
        read_object(LambdaLR(optimizer, lambda t: 1.0))
    with pytest.raises(PortError, match="int is not a scheduler of a framework"):
        read_object(3)
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": rate} for rate in (0.1, 0.2)]
    with pytest.raises(PortError, match=r"parameter groups of different rates, \[0\.1, 0\.2\]: read one for each"):
        read_object(StepLR(torch.optim.SGD(groups, lr=1.0), 3))
