"""Checks which class of torch `build` uses, and that it keeps no optimizer alive."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from frameworks import backend
from frameworks.schedule import Cosine, Factor, MultiFactor, Warmup
from parity.measuring.classes_used import collect_classes

warm = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
drops = MultiFactor(base_lr=0.3, factor=0.5, milestones=[1, 7])


@pytest.mark.parametrize(("schedule", "exact"), [
    (Factor(base_lr=1.0, factor=0.95), True), (Factor(base_lr=1.0, factor=0.9501), False),
    (Factor(base_lr=1.0, factor=1.0), True), (Factor(base_lr=1.0, factor=0.5, min_lr=1e-9), False),
    (MultiFactor(base_lr=1.0, factor=0.96, milestones=[3]), True),
    (MultiFactor(base_lr=1.0, factor=0.96, milestones=[*range(1, 7)]), True),
    (MultiFactor(base_lr=1.0, factor=0.96, milestones=[*range(1, 8)]), False),
    (MultiFactor(base_lr=1.0, factor=0.95, milestones=[*range(1, 99)]), True)])
def test_torch_takes_a_built_in_class_only_while_it_multiplies_exactly(schedule, exact):
    """A built-in class is used up to a factor of 0.95, or up to 6 drops."""
    import torch

    scheduler = backend("torch").build(schedule, torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))]))
    assert (type(scheduler) is not backend("torch").Specified) == exact


@pytest.mark.parametrize("changed", ["", "adam", "tensor", "lr_mult", "float64", "subclass"])
def test_torch_takes_a_built_in_class_for_every_optimizer(changed):
    """The built-in class computes in float64; its rates are rounded once, whatever the optimizer does with them."""
    import torch

    kind = torch.float64 if changed == "float64" else torch.float32
    group = {"params": [torch.nn.Parameter(torch.zeros(1, dtype=kind))]} | (
        {"lr_mult": 2.0} if changed == "lr_mult" else {})

    class SGD(torch.optim.SGD):
        pass

    optimizer = {"adam": torch.optim.Adam, "subclass": SGD}.get(changed, torch.optim.SGD)
    made = optimizer([group], lr=torch.tensor(1.0) if changed == "tensor" else 1.0)
    with collect_classes("torch") as names:
        scheduler = backend("torch").build(drops, made)
        for t in range(12):
            rate = float(np.float32(drops.lr(t))) * (2.0 if changed == "lr_mult" else 1.0)
            assert float(made.param_groups[0]["lr"]) == np.float32(rate)
            made.step()
            scheduler.step()
    assert isinstance(scheduler, torch.optim.lr_scheduler.MultiStepLR)
    assert names == {"MultiStepLR"}


def test_torch_keeps_no_optimizer_alive():
    """Optimizer and scheduler are freed without the garbage collector, as with torch's classes."""
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = backend("torch").build(warm, optimizer)
    references = [weakref.ref(optimizer), weakref.ref(scheduler)]
    gc.disable()
    try:
        del optimizer, scheduler
        assert [reference() for reference in references] == [None, None]
    finally:
        gc.enable()
