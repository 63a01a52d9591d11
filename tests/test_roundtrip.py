"""Round trips on random constructors and schedules, and that each notices what it is there for."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, seed, settings

from frameworks import FRAMEWORKS
from frameworks.schedule import Constant, Cosine, MultiFactor, Scale, Shift
from parity.gate.laws.expected import Violation
from parity.port import SOURCES, PortError, read_text
from parity.port.write import spellings
from parity.port.write.native import NATIVE
from parity.port.write.native.spelling import Spelling
from tests.harness.roundtrip.__main__ import PROFILES, tried, trips
from tests.harness.roundtrip.constructors import Constructor, constructors
from tests.harness.roundtrip.trips import applied, class_applies, exact_applies, native_applies, specified

SEED = 20261124
TRIPS = ("algebra", *SOURCES, "class", "native")


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("trip", TRIPS)
def test_random_round_trips(trip, framework):
    number = PROFILES["quick"]
    found = tried(*trips(framework)[trip], number, SEED)
    assert found["broken"] is None
    assert found["examples"] == number
    assert found["comparisons"] > 20 * number


@pytest.mark.parametrize("source", SOURCES)
def test_every_class_is_drawn(source):
    drawn = set()

    @seed(SEED)
    @settings(max_examples=400, database=None)
    @given(constructors(source))
    def draw(one):
        drawn.add(one.text.partition("(")[0])

    draw()
    assert drawn == set(SOURCES[source].READERS)


#: Each was once read as something else.
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
    result = run("-m", "tests.harness.roundtrip", "--framework", "optax", "--trip", "native")
    assert (result.returncode, result.stdout) == (2, "")
    assert "optax has no constructors that are read, so no 'native'" in result.stderr


@pytest.mark.parametrize("constructor", ONCE_WRONG, ids=lambda one: one.text)
def test_what_was_read_wrongly_is_read(constructor):
    assert class_applies(constructor).rates > 20


def test_a_class_that_fails_later_is_read_with_a_trap():
    constructor = Constructor("torch", "ConstantLR(optimizer, 0.0)", lr=0.3)
    with pytest.raises(ZeroDivisionError):
        class_applies(constructor)
    assert "raises ZeroDivisionError there" in read_text(constructor.text, "torch", lr=0.3).traps[0]


@pytest.mark.parametrize(("text", "rates"), [
    ("ExponentialDecay(1, 10, 0.5)", [1, 0, 0]), ("CosineDecay(1, 2)", [1.0, 0.5353686, 0.00500375]),  # pi is 3
])
def test_keras_computes_in_whole_numbers_with_a_whole_first_rate(text, rates):
    """Why such a one is refused."""
    assert applied(Constructor("tensorflow", text), 3).tolist() == pytest.approx(rates)
    with pytest.raises(PortError, match=r"write 1\.0"):
        read_text(text, "tensorflow")


def test_keras_own_example_of_a_warm_up_from_a_whole_0_is_read_as_from_0():
    text = "CosineDecay({}, 9, warmup_target=0.1, warmup_steps=9)"
    reading = read_text(text.format(0), "tensorflow")
    assert "raises TypeError" in "".join(reading.traps)
    with pytest.raises(TypeError):
        applied(Constructor("tensorflow", text.format(0)), 3)
    assert reading.schedule == read_text(text.format(0.0), "tensorflow").schedule


CLASSES = [
    Constructor("mxnet", "CosineScheduler(20, 0.3)"), Constructor("torch", "StepLR(optimizer, 7)", lr=0.3),
    Constructor("torch", "CosineAnnealingLR(optimizer, 9)", lr=0.3),
    Constructor("tensorflow", "PolynomialDecay(0.5, 30)"),
    Constructor("tensorflow", "PiecewiseConstantDecay([5], [0.5, 0.1])"),
]


@pytest.mark.parametrize("constructor", CLASSES, ids=lambda one: one.text)
def test_a_class_read_as_something_else_is_noticed(constructor):
    schedule = specified(constructor)
    assert class_applies(constructor).rates > 30
    wrong = [Shift(by=1, of=schedule), Scale(by=1 + 2**-20, of=schedule)]
    if constructor.source != "tensorflow" or "Piecewise" in constructor.text:
        wrong.append(Scale(by=1 + 2**-23, of=schedule))  # one float32 further
    for one in wrong:
        with pytest.raises(Violation, match="read as"):
            class_applies(constructor, one)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_an_exact_spelling_that_is_wrong_is_noticed(framework):
    schedule = Cosine(base_lr=0.3, updates=20)
    with pytest.raises(Violation, match="update 1: applied"):
        exact_applies(schedule, framework, spellings(Cosine(base_lr=0.3, updates=21), framework)[-1].code)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_native_spelling_that_wrongly_says_it_is_exact_is_noticed(framework, monkeypatch):
    schedule = MultiFactor(base_lr=0.3, factor=0.5, milestones=[7])
    assert native_applies(schedule, framework).rates == 50
    other = NATIVE[framework](MultiFactor(base_lr=0.3, factor=0.5, milestones=[8]))
    monkeypatch.setitem(NATIVE, framework, lambda schedule: Spelling(other.code))
    with pytest.raises(Violation, match="said to be exact, and applied: update 7"):
        native_applies(schedule, framework)
    monkeypatch.setitem(NATIVE, framework, lambda schedule: Spelling(other.code, "One update late."))
    assert native_applies(schedule, framework).rates == 50


def test_a_broken_trip_is_shrunk_and_said():
    def trip(constructor):
        if specified(constructor).largest > 0:
            raise Violation("it is not 0")
        return exact_applies(Constant(base_lr=0.0), "torch")

    found = tried(constructors("torch"), trip, 50, SEED)
    assert "it is not 0" in found["broken"]["found"]
    assert re.search(r"Constructor\(source='torch', text=.*, lr=", found["broken"]["of"])
    with pytest.raises(PortError):
        specified(Constructor("torch", "LambdaLR(optimizer, f)", lr=1.0))


def test_the_command_prints_one_document(run):
    result = run("-m", "tests.harness.roundtrip", "--framework", "torch", "--trip", "class", "--seed", "1")
    found = json.loads(result.stdout)
    assert (result.returncode, found["seed"], list(found["trips"])) == (0, 1, ["class"])
    assert found["trips"]["class"]["examples"] == PROFILES["quick"]
