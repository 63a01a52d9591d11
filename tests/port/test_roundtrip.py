"""Tests round trips of random constructors and schedules, and that each detects errors."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given, seed, settings

from frameworks import FRAMEWORKS
from frameworks.schedule import Constant, Cosine, MultiFactor, PolynomialCycle, Scale, Shift
from parity.gate.laws.expected import ViolationError
from parity.port import SOURCES, PortError, read_text
from parity.port.write import write_spellings
from parity.port.write.native import NATIVE
from parity.port.write.native.spelling import Spelling
from tests.harness.roundtrip.__main__ import PROFILES, build_trips, try_trip
from tests.harness.roundtrip.constructors import BY_SOURCE, Constructor, build_constructors
from tests.harness.roundtrip.trips import check_built_in, check_class, check_exact, measure_applied_rates, read_schedule

SEED = 20261124
TRIPS = ("algebra", *BY_SOURCE, "class", "native")


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("trip", TRIPS)
def test_random_round_trips(trip, framework):
    """Random constructors and schedules make each trip without an error."""
    number = PROFILES["quick"]
    result = try_trip(*build_trips(framework)[trip], number, SEED)
    assert result["broken"] is None
    assert result["examples"] == number
    assert result["comparisons"] > 20 * number


@pytest.mark.parametrize("source", BY_SOURCE)
def test_every_class_is_drawn(source):
    """Random constructors include each supported class."""
    drawn = set()

    @seed(SEED)
    @settings(max_examples=400, database=None)
    @given(build_constructors(source))
    def draw(constructor):
        drawn.add(constructor.text.partition("(")[0])

    draw()
    assert drawn == set(SOURCES[source].READERS)


#: Constructors that an earlier version read wrongly.
ONCE_WRONG = [
    Constructor("mxnet", "FactorScheduler(step=1, base_lr=0.0)"),
    Constructor("mxnet", "FactorScheduler(3, 1, stop_factor_lr=0.5, base_lr=0.1)"),
    Constructor("mxnet", "PolyScheduler(1, 0.2, warmup_steps=3)", optimizer="SGD(learning_rate=0.1)"),
    Constructor("mxnet", "CosineScheduler(2, 0.2, warmup_steps=5)", optimizer="SGD(learning_rate=0.1)"),
    Constructor("torch", "MultiStepLR(optimizer, [7, 3, 3, 0, 0])", lr=0.3),
    Constructor("torch", "ConstantLR(optimizer, 0.5, total_iters=0)", lr=0.3),
    Constructor("torch", "ConstantLR(optimizer, 0.0, total_iters=0)", lr=0.3),
    Constructor("torch", "ChainedScheduler([ConstantLR(optimizer, 0.5, 0), StepLR(optimizer, 3)])", lr=0.3),
    Constructor("torch", "ChainedScheduler([ConstantLR(optimizer, 0.5, 4), CosineAnnealingLR(optimizer, 9)])", lr=0.3),
    Constructor("torch", "SequentialLR(optimizer, [StepLR(optimizer, 3), CyclicLR(optimizer, 0.1, 0.3, 5, "
                         "cycle_momentum=False)], [5])", lr=0.3),
]


def test_what_has_no_constructors_is_an_error(run):
    """The trip `native` for optax, which has no constructors, exits with code 2."""
    result = run("-m", "tests.harness.roundtrip", "--framework", "optax", "--trip", "native")
    assert (result.returncode, result.stdout) == (2, "")
    assert "optax has no constructors that are read, so no 'native'" in result.stderr


@pytest.mark.parametrize("constructor", ONCE_WRONG, ids=lambda one: one.text)
def test_what_was_read_wrongly_is_read(constructor):
    """Constructors that were once read wrongly are read as their class applies them."""
    assert check_class(constructor).rates > 20


def test_a_class_that_fails_later_is_read_with_a_trap():
    """A class that raises an error at a later update is read with a trap."""
    constructor = Constructor("torch", "ConstantLR(optimizer, 0.0)", lr=0.3)
    with pytest.raises(ZeroDivisionError):
        check_class(constructor)
    assert any("raises ZeroDivisionError there" in trap for trap in read_text(constructor.text, "torch", lr=0.3).traps)


@pytest.mark.parametrize(("text", "rates"), [
    ("ExponentialDecay(1, 10, 0.5)", [1, 0, 0]), ("CosineDecay(1, 2)", [1.0, 0.5353686, 0.00500375]),  # pi is 3
])
def test_keras_computes_in_whole_numbers_with_a_whole_first_rate(text, rates):
    """Shows why a whole first rate is refused."""
    assert measure_applied_rates(Constructor("tensorflow", text), 3).tolist() == pytest.approx(rates)
    with pytest.raises(PortError, match=r"write 1\.0"):
        read_text(text, "tensorflow")


def test_keras_own_example_of_a_warm_up_from_a_whole_0_is_read_as_from_0():
    """A whole first rate of 0, as in Keras' example, is read as 0.0."""
    text = "CosineDecay({}, 9, warmup_target=0.1, warmup_steps=9)"
    reading = read_text(text.format(0), "tensorflow")
    assert "raises TypeError" in "".join(reading.traps)
    with pytest.raises(TypeError):
        measure_applied_rates(Constructor("tensorflow", text.format(0)), 3)
    assert reading.schedule == read_text(text.format(0.0), "tensorflow").schedule


CLASSES = [
    Constructor("mxnet", "CosineScheduler(20, 0.3)"), Constructor("torch", "StepLR(optimizer, 7)", lr=0.3),
    Constructor("torch", "CosineAnnealingLR(optimizer, 9)", lr=0.3),
    Constructor("tensorflow", "PolynomialDecay(0.5, 30)"),
    Constructor("tensorflow", "PiecewiseConstantDecay([5], [0.5, 0.1])"),
]


@pytest.mark.parametrize("constructor", CLASSES, ids=lambda one: one.text)
def test_a_class_read_as_something_else_is_noticed(constructor):
    """A wrong schedule for a class is detected, also if it is one float32 off."""
    schedule = read_schedule(constructor)
    assert check_class(constructor).rates > 30
    wrong = [Shift(by=1, of=schedule), Scale(by=1 + 2**-20, of=schedule)]
    if constructor.source != "tensorflow" or "Piecewise" in constructor.text:
        wrong.append(Scale(by=1 + 2**-23, of=schedule))  # one float32 further
    for other in wrong:
        with pytest.raises(ViolationError, match="read as"):
            check_class(constructor, other)


def test_early_jumps_of_compiled_cycles_are_read_and_no_others():
    """Keras' cycles of 7 updates begin early at 21, 42 and 49; the same jumps of a wrong schedule are detected."""
    constructor = Constructor("tensorflow", "PolynomialDecay(0.0, 7, 0.1, power=1.0, cycle=True)")
    rates = measure_applied_rates(constructor, 50)
    assert [t for t in range(7, 50, 7) if rates[t] < 0.099] == [21, 42, 49]
    assert rates[21] == np.float32(0.075)
    assert check_class(constructor).rates > 40
    with pytest.raises(ViolationError, match="read as"):
        check_class(constructor, PolynomialCycle(base_lr=0.0, final_lr=0.1, updates=14))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_an_exact_spelling_that_is_wrong_is_noticed(framework):
    """Wrong self-contained code is detected."""
    schedule = Cosine(base_lr=0.3, updates=20)
    with pytest.raises(ViolationError, match="update 1: applied"):
        check_exact(schedule, framework, write_spellings(Cosine(base_lr=0.3, updates=21), framework)[-1].code)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_built_in_spelling_that_is_wrongly_exact_is_noticed(framework, monkeypatch):
    """A wrong built-in spelling is detected unless it has a note."""
    schedule = MultiFactor(base_lr=0.3, factor=0.5, milestones=[7])
    assert check_built_in(schedule, framework).rates == 50
    other = NATIVE[framework](MultiFactor(base_lr=0.3, factor=0.5, milestones=[8]))
    monkeypatch.setitem(NATIVE, framework, lambda schedule: Spelling(other.code))
    with pytest.raises(ViolationError, match="marked as exact, but applied: update 7"):
        check_built_in(schedule, framework)
    monkeypatch.setitem(NATIVE, framework, lambda schedule: Spelling(other.code, "One update late."))
    assert check_built_in(schedule, framework).rates == 50


def test_a_failing_trip_is_shrunk_and_reported():
    """A failing round trip is reported with its smallest example."""
    def trip(constructor):
        if read_schedule(constructor).largest > 0:
            raise ViolationError("it is not 0")
        return check_exact(Constant(base_lr=0.0), "torch")

    result = try_trip(build_constructors("torch"), trip, 50, SEED)
    assert "it is not 0" in result["broken"]["found"]
    assert re.search(r"Constructor\(source='torch', text=.*, lr=", result["broken"]["of"])
    with pytest.raises(PortError):
        read_schedule(Constructor("torch", "LambdaLR(optimizer, f)", lr=1.0))


def test_the_command_prints_one_document(run):
    """The command prints one JSON document."""
    result = run("-m", "tests.harness.roundtrip", "--framework", "torch", "--trip", "class", "--seed", "1")
    document = json.loads(result.stdout)
    assert (result.returncode, document["seed"], list(document["trips"])) == (0, 1, ["class"])
    assert document["trips"]["class"]["examples"] == PROFILES["quick"]
