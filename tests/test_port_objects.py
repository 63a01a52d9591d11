"""Tests that scheduler objects are read as the text of their constructor."""

from __future__ import annotations

from importlib import import_module

import pytest
import test_port_reading as texts

from frameworks import backend
from parity.port import PortError, read_object, read_text

#: Classes that do not keep their arguments.
FORGETFUL = ("CyclicLR", "OneCycleLR")


def made(source, text):
    """Create a scheduler object from the text of its constructor."""
    backend(source)
    names = vars(import_module(texts.MODULES[source]))
    optimizer = None
    if source == "torch":
        import torch

        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.3)
    return eval(text, dict(names), {"optimizer": optimizer})


@pytest.mark.parametrize(("source", "text"), texts.CONSTRUCTORS)
def test_an_object_is_read_as_its_text(source, text):
    """A scheduler object is read as its text, or refused if it does not keep its arguments."""
    scheduler = made(source, text)
    if type(scheduler).__name__ in FORGETFUL:
        with pytest.raises(PortError, match="does not keep its arguments: give its constructor as text"):
            read_object(scheduler)
        return
    expected = read_text(text, source, lr=0.3 if source == "torch" else None)
    reading = read_object(scheduler)
    assert (reading.schedule, reading.followed) == (expected.schedule, expected.followed)
    # an object has its base_lr, whether it was given or not
    assert reading.traps == [trap for trap in expected.traps if not trap.startswith("base_lr is not given")]


def test_a_scheduler_that_an_optimizer_has_overwritten_is_read_as_it_is_now():
    """The rate that an MXNet optimizer wrote into a scheduler is read."""
    import mxnet as mx

    scheduler = made("mxnet", "FactorScheduler(3, 0.5, base_lr=0.5, warmup_steps=4)")
    mx.optimizer.create("adam", lr_scheduler=scheduler)
    expected = read_text("FactorScheduler(3, 0.5, base_lr=0.5, warmup_steps=4)", "mxnet", optimizer="Adam()")
    assert read_object(scheduler).schedule == expected.schedule


def test_a_scheduler_that_has_been_plotted_is_refused():
    """A used MXNet scheduler, which no longer has its first rate, is refused."""
    scheduler = made("mxnet", "MultiFactorScheduler([15, 30], 0.5, base_lr=0.5)")
    for count in range(1, 20):
        scheduler(count)
    with pytest.raises(PortError, match="has been used or plotted, and its first rate is lost: read a new one"):
        read_object(scheduler)


def test_a_torch_scheduler_says_where_it_stands():
    """A stepped torch scheduler is read from update 0, with a trap that states its update."""
    scheduler = made("torch", "StepLR(optimizer, 3)")
    scheduler.optimizer.step()
    scheduler.step()
    reading = read_object(scheduler)
    assert reading.schedule == read_text("StepLR(optimizer, 3)", "torch", lr=0.3).schedule
    assert reading.traps[-1] == "The scheduler is at update 1; it is read from update 0."


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
