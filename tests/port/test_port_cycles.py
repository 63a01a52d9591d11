"""Tests that cycles of lines are written as torch's CyclicLR, and that it is read as the same rates."""

from __future__ import annotations

import math

import numpy as np
import pytest

from frameworks.schedule import Constant, CosineRestarts, Cyclic, Polynomial, Repeat, Sequence, lrs
from parity.measuring.compare import compute_ulps
from parity.port import read_text
from parity.port.write import write_definitions, write_spellings
from parity.port.write.native import NATIVE
from tests.harness.roundtrip.trips import check_built_in, find_constructor


def triangle(low: float, high: float, up: int, down: int, **rest: float) -> Repeat:
    """Return cycles of a line up and a line down."""
    return Repeat(updates=up + down, of=Sequence(parts=[
        Polynomial(base_lr=low, final_lr=high, power=1, updates=up),
        Polynomial(base_lr=high, final_lr=low, power=1, updates=down)], boundaries=[up]), **rest)


@pytest.mark.parametrize(("schedule", "text"), [
    (triangle(0.1, 0.5, 8, 12),
     "CyclicLR(optimizer, 0.1, 0.5, step_size_up=8, step_size_down=12, mode='triangular', cycle_momentum=False)"),
    (triangle(0.5, 0.1, 8, 12, decay=0.5, min_lr=0.5),
     "CyclicLR(optimizer, 0.5, 0.1, step_size_up=8, step_size_down=12, mode='triangular2', cycle_momentum=False)"),
    (Cyclic(low=0.1, high=0.5, up=8),
     "CyclicLR(optimizer, 0.1, 0.5, step_size_up=8, step_size_down=8, mode='triangular', cycle_momentum=False)"),
    (Cyclic(low=0.1, high=0.5, up=8, down=3, mode="triangular2"),
     "CyclicLR(optimizer, 0.1, 0.5, step_size_up=8, step_size_down=3, mode='triangular2', cycle_momentum=False)"),
    (Cyclic(low=0.0, high=0.5, up=8, mode="exp_range", gamma=0.9),
     "CyclicLR(optimizer, 0.0, 0.5, step_size_up=8, step_size_down=8, mode='exp_range', gamma=0.9, "
     "cycle_momentum=False)"),
])
def test_a_cycle_is_written_and_read_back(schedule, text):
    """A cycle is written as CyclicLR, which applies it, and is read back as the same rates."""
    constructor = find_constructor(write_spellings(schedule, "torch")[0].code, "torch")
    assert constructor.text == text
    assert check_built_in(schedule, "torch").rates >= 50
    read = read_text(text, "torch", lr=constructor.lr).schedule
    assert lrs(read, 100) == pytest.approx(lrs(schedule, 100), rel=1e-14, abs=1e-16)


@pytest.mark.parametrize("schedule", [
    triangle(0.1, 0.5, 8, 12, decay=0.9, min_lr=0.1), triangle(0.1, 0.5, 8, 12, decay=0.5),
    Repeat(updates=21, of=triangle(0.1, 0.5, 8, 12).of), Repeat(updates=8, of=triangle(0.1, 0.5, 8, 12).of),
    Repeat(updates=20, of=Sequence(parts=[Polynomial(base_lr=0.1, final_lr=0.5, power=2, updates=8),
                                          Polynomial(base_lr=0.5, final_lr=0.1, power=1, updates=12)],
                                   boundaries=[8])),
])
def test_what_torch_has_no_class_for_is_not_written(schedule):
    """Cycles that no class of torch applies have no built-in spelling."""
    assert NATIVE["torch"](schedule) is None


@pytest.mark.parametrize("growth", [1, 2])
@pytest.mark.parametrize("final", [0.0, 0.1])
@pytest.mark.parametrize("base", [0.1, 1e-12])
def test_self_contained_code_keeps_the_digits_of_a_low_peak(base, final, growth):
    """The code has the bits of the specification, also where a cycle begins far below final_lr."""
    schedule = CosineRestarts(base_lr=base, final_lr=final, updates=5, growth=growth, decay=0.5, sinks="peak", warmup=1)
    names = {"math": math, "numpy": np}
    exec(write_definitions(schedule, "torch"), names)
    applied = np.array([names["lr"](t) for t in range(40)], np.float32)
    assert applied.tolist() == lrs(schedule, 40).astype(np.float32).tolist()


def test_a_difference_would_lose_them():
    """This is the counterpart: the formula with a difference is 52 ULP off where a cycle begins."""
    lost = 0.1 + (1e-12 - 0.1) * 1
    assert compute_ulps(np.array([lost], np.float32), Constant(base_lr=1e-12)).tolist() == [52]
