"""Tests classes that multiply by a factor above 1: reading up to the highest rate of a specification, and writing."""

from __future__ import annotations

import pytest

from frameworks.schedule import Exponential, Factor, Hold, Product, dumps, lrs
from frameworks.schedule.fields import MAX_RATE
from parity.port import PortError, read_text
from parity.port.write.native import NATIVE
from parity.port.write.native.spelling import UNBOUNDED
from tests.harness.roundtrip.constructors import Constructor
from tests.harness.roundtrip.trips import check_built_in, check_class, find_constructor

READ = [
    ("torch", "ExponentialLR(optimizer, 1.1)"), ("torch", "StepLR(optimizer, 10, gamma=2)"),
    ("torch", "StepLR(optimizer, 1, gamma=1.5)"), ("torch", "MultiStepLR(optimizer, [5, 12, 12], gamma=3.0)"),
    ("torch", "CyclicLR(optimizer, 0.1, 0.5, 8, mode='exp_range', gamma=1.01, cycle_momentum=False)"),
    ("torch", "ChainedScheduler([LinearLR(optimizer, total_iters=8), ExponentialLR(optimizer, 1.1)])"),
    ("torch", "SequentialLR(optimizer, [ExponentialLR(optimizer, 1.5), StepLR(optimizer, 3)], [10])"),
    ("tensorflow", "ExponentialDecay(0.1, 10, 1.1)"),
    ("tensorflow", "ExponentialDecay(0.1, 10, 1.1, staircase=True)"),
    ("tensorflow", "ExponentialDecay(0.0, 10, 1.1)"),
]


@pytest.mark.parametrize(("source", "text"), READ)
def test_an_increasing_class_is_read_as_it_applies_its_rates(source, text):
    """A class with a factor above 1 is read as it applies its rates."""
    assert check_class(Constructor(source, text, lr=0.1 if source == "torch" else None)).rates >= 1


def test_an_increase_without_end_is_followed_to_the_highest_rate():
    """An increasing class is followed up to the highest rate, and a trap reports it."""
    reading = read_text("StepLR(optimizer, 10, gamma=2)", "torch", lr=0.1)
    assert [reading.schedule.lr(t) for t in (0, 9, 10, 29, 30)] == pytest.approx([0.1, 0.1, 0.2, 0.4, 0.8])
    assert reading.followed == 1270  # 0.1 * 2^127 = 1.7e37 is the first above 1e37
    assert reading.schedule.lr(1270) == reading.schedule.lr(10**6) == MAX_RATE
    assert reading.traps[-1] == (
        "StepLR increases without limit: the specification follows it for 1,270 updates, up to 1e+37, then holds its "
        "rate.")
    assert read_text("ExponentialDecay(0.0, 10, 1.1)", "tensorflow").followed is None


@pytest.mark.parametrize(("source", "text"), [
    ("torch", "ExponentialLR(optimizer, 1.0)"), ("torch", "ExponentialLR(optimizer, 0.9)"),
    ("tensorflow", "ExponentialDecay(0.1, 1, 1.0)")])
def test_a_factor_of_at_most_1_is_read_without_end(source, text):
    """A factor of at most 1 is read without an end."""
    reading = read_text(text, source, lr=0.1 if source == "torch" else None)
    assert isinstance(reading.schedule, Factor)
    assert reading.followed is None


@pytest.mark.parametrize(("framework", "schedule", "text"), [
    ("torch", Exponential(base_lr=0.1, max_lr=MAX_RATE, factor=1.21, updates=2), "ExponentialLR(optimizer, gamma=1.1)"),
    ("torch", Hold(updates=10, of=Exponential(base_lr=0.1, max_lr=MAX_RATE, factor=2.0, updates=1)),
     "StepLR(optimizer, 10, gamma=2.0)"),
    ("tensorflow", Exponential(base_lr=0.1, max_lr=MAX_RATE, factor=1.1, updates=10), "ExponentialDecay(0.1, 10, 1.1)"),
    ("tensorflow", Hold(updates=10, of=Exponential(base_lr=0.1, max_lr=MAX_RATE, factor=1.1, updates=1)),
     "ExponentialDecay(0.1, 10, 1.1, staircase=True)"),
])
def test_an_increase_is_written_with_a_note_on_the_highest_rate(framework, schedule, text):
    """An increasing schedule is written as a class, with a note that it has no highest rate."""
    native = NATIVE[framework](schedule)
    constructor = find_constructor(native.code, framework)
    assert constructor.text == text
    assert native.note.endswith(UNBOUNDED)
    assert check_built_in(schedule, framework).rates >= 50
    read = read_text(text, framework, lr=constructor.lr).schedule
    assert lrs(read, 60) == pytest.approx(lrs(schedule, 60), rel=1e-14)


def test_a_product_that_would_pass_the_highest_rate_is_refused():
    """A product that exceeds the highest rate is refused."""
    chain = "ChainedScheduler([LinearLR(optimizer), ExponentialLR(optimizer, 1.1)])"
    assert isinstance(read_text(chain, "torch", lr=0.1).schedule, Product)
    with pytest.raises(PortError, match=r"not expressible as a schedule: it may reach .* at most 1e\+37"):
        read_text(chain, "torch", lr=3.0)


@pytest.mark.parametrize("schedule", [
    Exponential(base_lr=0.1, max_lr=1.0, factor=1.1, updates=1),
    Hold(updates=10, of=Exponential(base_lr=0.1, max_lr=1.0, factor=2.0, updates=1)),
    Product(of=[Factor(base_lr=0.3, factor=0.5), Exponential(base_lr=0.1, max_lr=1.0, factor=1.1, updates=1)]),
])
def test_no_class_stops_at_a_highest_rate(schedule):
    """Schedules with a lower highest rate have no built-in spelling."""
    assert NATIVE["torch"](schedule) is None
    assert NATIVE["tensorflow"](schedule) is None


def test_an_increasing_file_is_measured_up_to_the_highest_rate(run, tmp_path):
    """`port` measures an increasing specification up to its highest rate."""
    path = tmp_path / "rising.json"
    path.write_text(dumps(Exponential(base_lr=0.1, max_lr=MAX_RATE, factor=2.0, updates=1)))
    output = run("-m", "parity", "port", path, "--to", "torch").stdout
    assert "# torch, built-in class: 0 ULP, over the first 127 of 318 updates. It has no highest rate." in output
