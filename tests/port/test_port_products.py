"""Tests products: chains of torch, and cycles whose height decays, read and written."""

from __future__ import annotations

import pytest

from frameworks.schedule import (
    Constant,
    Cosine,
    Exponential,
    Factor,
    MultiFactor,
    Polynomial,
    Product,
    Repeat,
    Sequence,
    Sum,
    Warmup,
    lrs,
)
from parity.port import PortError, read_text
from parity.port.write.native import NATIVE
from tests.harness.roundtrip.constructors import Constructor
from tests.harness.roundtrip.trips import check_built_in, check_class, measure_applied_rates

triangle = Repeat(updates=20, of=Sequence(parts=[
    Polynomial(base_lr=0.0, final_lr=1.0, power=1, updates=8),
    Polynomial(base_lr=1.0, final_lr=0.0, power=1, updates=12)], boundaries=[8]))
decay = Exponential(base_lr=0.4, factor=0.9, updates=1)
line = Polynomial(base_lr=0.25, final_lr=1.0, power=1, updates=8)

#: Constructors of torch: the schedule that each is written for, and the rate of the optimizer.
WRITTEN = {
    "CyclicLR(optimizer, 0.1, 0.5, 8, 12, mode='exp_range', gamma=0.9, cycle_momentum=False)":
        (Sum(of=[Constant(base_lr=0.1), Product(of=[triangle, decay])]), 0.1),
    "CyclicLR(optimizer, 0.0, 0.4, 8, 12, mode='exp_range', gamma=0.9, cycle_momentum=False)":
        (Product(of=[triangle, decay]), 0.0),
    "ChainedScheduler([LinearLR(optimizer, 0.25, 1.0, 8), StepLR(optimizer, 5, gamma=0.5)])":
        (Product(of=[line, Factor(base_lr=0.5, factor=0.5, every=5), Constant(base_lr=0.8)]), 0.4),
    "ChainedScheduler([LinearLR(optimizer, 0.1, 1.0, 10), MultiStepLR(optimizer, [5, 30], gamma=0.5), "
    "PolynomialLR(optimizer, 40, power=2.0), ExponentialLR(optimizer, gamma=0.9)])":
        (Product(of=[Warmup(updates=10, begin_lr=0.1, then=Constant(base_lr=1.0)),
                     MultiFactor(base_lr=0.5, factor=0.5, milestones=[5, 30]), Polynomial(base_lr=1.0, updates=40),
                     Exponential(base_lr=1.0, factor=0.81, updates=2)]), 0.5),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_a_class_of_torch_is_written_and_applies_it(text):
    """The written class of torch applies the schedule, and is read back."""
    schedule, lr = WRITTEN[text]
    code = NATIVE["torch"](schedule).code
    assert f"\nscheduler = {text}  #" in code
    assert f"lr={lr!r})" in code
    assert check_built_in(schedule, "torch").rates >= 50
    assert lrs(read_text(text, "torch", lr=lr).schedule, 60) == pytest.approx(lrs(schedule, 60), rel=1e-12, abs=1e-17)


@pytest.mark.parametrize("schedule", [
    Product(of=[Warmup(updates=5, then=Constant(base_lr=1.0)), Factor(base_lr=0.3, factor=0.5)]),  # LinearLR from 0
    Product(of=[line, Cosine(base_lr=0.3, updates=20)]),  # increases again
    Product(of=[line, Factor(base_lr=0.5, factor=0.5, min_lr=0.1)]),  # no floor
    Product(of=[line, Constant(base_lr=0.5)]),  # nothing to chain
    Product(of=[triangle, Exponential(base_lr=0.4, factor=0.9, updates=2)]),
    Product(of=[Repeat(updates=21, of=triangle.of), decay]),
    Sum(of=[line, Product(of=[triangle, decay])]),
    Product(of=[line, Warmup(updates=5, begin_lr=0.5, peak_lr=0.7, then=Constant(base_lr=1.0))]),
])
def test_none_is_written_where_no_class_applies_it(schedule):
    """Products that no class of torch applies have no built-in spelling."""
    assert NATIVE["torch"](schedule) is None


def test_chains_are_products_of_shares():
    """A chain is read as a product: the first factor with the rate, the others as shares."""
    read = read_text("ChainedScheduler([LinearLR(optimizer, 0.25, total_iters=8), ExponentialLR(optimizer, 0.9)])",
                     "torch", lr=0.4)
    assert read.schedule == Product(of=[Polynomial(base_lr=0.1, final_lr=0.4, power=1, updates=8),
                                        Factor(base_lr=1.0, factor=0.9)])
    assert [read.schedule.lr(t) for t in (0, 4, 8)] == pytest.approx([0.1, 0.25 * 0.9**4, 0.4 * 0.9**8])


def test_a_cosine_may_be_chained_to_what_is_over_by_its_end():
    """CosineAnnealingLR adds to the rate after T_max, so the other factors must be 1 by then."""
    chain = "ChainedScheduler([LinearLR(optimizer, 0.25, total_iters={}), CosineAnnealingLR(optimizer, 12)])"
    assert isinstance(read_text(chain.format(12), "torch", lr=0.4).schedule, Product)
    with pytest.raises(PortError, match="the others must be over by then"):
        read_text(chain.format(13), "torch", lr=0.4)


@pytest.mark.parametrize("first", ["LinearLR(optimizer, 0.25, total_iters=6)", "StepLR(optimizer, 3)",
                                   "MultiStepLR(optimizer, [0, 4], 0.5)", "ConstantLR(optimizer, 0.5, 5)"])
def test_a_chain_may_begin_a_sequence(first):
    """A chain at the start of a SequentialLR is read as torch applies it."""
    chain = f"ChainedScheduler([{first}, ConstantLR(optimizer, 0.5, 3)])"
    text = f"SequentialLR(optimizer, [{chain}, StepLR(optimizer, 10)], [8])"
    assert check_class(Constructor("torch", text, lr=0.4)).rates >= 50


@pytest.mark.parametrize(("first", "rate"), [
    ("ExponentialLR(optimizer, 0.9)", 0.9), ("PolynomialLR(optimizer, 4)", 0.8),
    ("CosineAnnealingLR(optimizer, 2)", 2.0)])
def test_but_not_if_torch_multiplies_once_more_at_first(first, rate):
    """A chain that torch steps once too often at the start of a SequentialLR is refused."""
    text = f"SequentialLR(optimizer, [ChainedScheduler([{first}]), StepLR(optimizer, 10)], [8])"
    assert measure_applied_rates(Constructor("torch", text, lr=1.0), 1)[0] == pytest.approx(rate)
    with pytest.raises(PortError, match="multiplies once more, before the first update"):
        read_text(text, "torch", lr=1.0)
