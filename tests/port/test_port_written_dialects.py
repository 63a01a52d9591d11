"""Tests the code that `port` writes for other libraries: `port` reads it back as the same rates.

The libraries themselves are not in the tests' environment. `python -m tests.harness.written timm` runs the
code with an installed one. The tests marked with `needs_library` do the same where it is installed.
"""

from __future__ import annotations

import importlib.util
from functools import partial

import numpy as np
import pytest
from hypothesis import given, seed, settings

from frameworks.schedule import Cosine, OneCycle, Polynomial, Shift, Warmup, lrs
from parity.cases import CASES
from parity.gate.laws.algebra import schedules
from parity.measuring.compare import compare
from parity.port.measured import observe_code
from parity.port.read.literal import PortError
from parity.port.write.native import NATIVE
from tests.harness.roundtrip.constructors import written
from tests.harness.roundtrip.trips import find_constructor, read_schedule
from tests.harness.written import compare_written, count_compared, read_back
from tests.harness.written_rates import MODULES, RUN

SEED = 20261129
#: Libraries that write few of the schedules: those of DeepSpeed begin one update late.
FEW = ("deepspeed",)
warm = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
#: The notes of classes whose rates differ from the specified ones, by a word of each.
DIFFERENT = ("increases again", "moves back", "no floor", "no highest rate", "late", "one update early",
             "cannot start at 0")


def check_read_back(schedule, library):
    """Return whether a class is written. Assert that it is read back as the same rates, or has a note why not."""
    spelling = NATIVE[library](schedule)
    if spelling is None:
        return False
    until = count_compared(schedule, spelling)
    try:
        read = read_back(spelling.code, library).schedule
    except PortError as error:  # ranges of MMEngine that share an update are written, but not read
        if library != "mmengine" or "overlap" not in str(error):
            raise
        return False
    rates = lrs(read, until).astype(np.float32)
    difference = compare(schedule, rates[:, None]).first
    assert difference is None or any(word in spelling.note for word in DIFFERENT), spelling.code
    return True


@pytest.mark.parametrize("library", NATIVE)
def test_every_case_is_read_back(library):
    """The class that is written for a case is read back as the case, or has a note about the difference."""
    count = sum(check_read_back(case.schedule, library) for case in CASES.values())
    assert count >= (3 if library in FEW else 20)


@pytest.mark.parametrize("library", NATIVE)
def test_random_schedules_are_read_back(library):
    """The classes of 300 random schedules are read back, except those that a note describes."""
    counts = {True: 0, False: 0}

    @seed(SEED)
    @settings(max_examples=300, deadline=None, database=None)
    @given(schedules | written)
    def attempt(schedule):
        counts[check_read_back(schedule, library)] += 1

    attempt()
    assert sum(counts.values()) >= 300
    assert counts[True] >= (1 if library in FEW else 30)


@pytest.mark.parametrize("library", [library for library in NATIVE if library not in FEW])
def test_a_changed_number_is_noticed(library, monkeypatch):
    """A constructor of another schedule is detected."""
    curve = partial(Cosine, base_lr=0.3) if library == "detectron2" else partial(Polynomial, base_lr=0.3, power=1)
    schedule, longer = curve(updates=20), curve(updates=21)
    if library == "mxnet":  # a Trainer calls it with 1 first
        schedule, longer = Shift(by=1, of=schedule), Shift(by=1, of=longer)
    assert check_read_back(schedule, library)
    other = NATIVE[library](longer)
    monkeypatch.setitem(NATIVE, library, lambda schedule: other)
    with pytest.raises(AssertionError):
        check_read_back(schedule, library)


def test_one_cycle_is_written_with_its_class_of_torch():
    """OneCycleLR applies the kind, and is read back as it; a longer one does not apply it."""
    schedule = OneCycle(base_lr=0.02, peak_lr=0.5, final_lr=0.002, rise=14, updates=49)
    native = NATIVE["torch"](schedule)
    cycle = "OneCycleLR(optimizer, 0.5, total_steps=50, pct_start=0.3, div_factor=25.0, final_div_factor=10.0"
    assert cycle in native.code
    assert compare(schedule, observe_code(schedule, "torch", native.code, 130)[:, None]).first is None
    again = read_schedule(find_constructor(native.code, "torch"))
    assert compare(schedule, lrs(again, 130).astype(np.float32)[:, None]).first is None
    other = native.code.replace("total_steps=50", "total_steps=51")
    assert compare(schedule, observe_code(schedule, "torch", other, 130)[:, None]).first is not None


def needs_library(library):
    """Mark a test as not run where a library is not installed, as in the tests' environment."""
    return pytest.mark.skipif(importlib.util.find_spec(MODULES.get(library, library)) is None, reason=(
        f"{library} is not installed; where it is, python -m tests.harness.written {library} compares 2,000 schedules"))


@pytest.mark.parametrize("library", [pytest.param(library, marks=needs_library(library)) for library in RUN
                                     if library != "gluoncv"])
def test_a_library_applies_what_is_written(library):
    """The library applies the rates of the cases, or those that its code is read back as."""
    for case in CASES.values():
        compare_written(case.schedule, library)
