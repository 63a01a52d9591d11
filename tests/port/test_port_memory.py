"""Tests that the memory of `port` grows neither with the length of a run nor with the number of schedules."""

from __future__ import annotations

import tracemalloc

import pytest

from frameworks.schedule import Constant, Cosine, Maximum, Minimum, MultiFactor, Product, Repeat, Sum, lrs
from parity.port.edges import find_boundary_cases, find_turns
from parity.port.scripts.run import Run
from parity.port.scripts.training import find_traps

MEBIBYTE = 1 << 20
cosine = Cosine(base_lr=1.0, updates=99)
TRAP = "within the first epoch of 100,000: for a schedule per epoch use kind hold"


def measure_peak(work):
    """Return the most bytes that were allocated at once, and the result."""
    tracemalloc.start()
    try:
        result = work()
        return tracemalloc.get_traced_memory()[1], result
    finally:
        tracemalloc.stop()


def run(schedule, epochs):
    return Run(format=1, epochs=epochs, updates_per_epoch=100_000, schedule=schedule,
               optimizer={"kind": "sgd", "momentum": 0.0})


@pytest.mark.parametrize("epochs", [1, 1000, 10**9])
def test_the_trap_of_a_short_schedule_needs_little(epochs):
    peak, traps = measure_peak(lambda: find_traps(run(Cosine(base_lr=0.3, updates=20), epochs)))
    assert traps == [f"the schedule ends after 20 updates, {TRAP}"]
    assert peak < 8 * MEBIBYTE


@pytest.mark.parametrize("schedule", [
    Repeat(updates=20, of=Cosine(base_lr=0.3, updates=20)),
    Repeat(updates=99_999, of=MultiFactor(base_lr=0.3, factor=0.5, milestones=[99_998])),
])
def test_a_schedule_that_changes_later_has_no_such_trap(schedule):
    """This is the counterpart; the second one changes after the updates that are computed at once."""
    assert find_traps(run(schedule, 1000)) == []


@pytest.mark.parametrize("number", [2, 1000])
def test_the_crossings_of_many_schedules_need_little(number):
    schedule = Minimum(of=[Cosine(base_lr=0.5 + i / number, final_lr=0.01, updates=100_000 + i) for i in range(number)])
    peak, turns = measure_peak(lambda: find_boundary_cases(schedule))
    assert (turns[:2], turns[-1]) == ([0, 1], 2 * (100_000 + number - 1))
    assert peak < 16 * MEBIBYTE


@pytest.mark.parametrize(("schedule", "turns"), [
    (Minimum(of=[cosine, Constant(base_lr=0.75)]), [33, 99]),
    (Minimum(of=[Constant(base_lr=0.75), cosine, Constant(base_lr=0.75)]), [34, 99]),
    (Maximum(of=[cosine, Constant(base_lr=0.25)]), [67, 99]),
])
def test_a_crossing_is_found(schedule, turns):
    """A cosine over 99 updates has 3/4 at update 33 and 1/4 at 66; of equal rates the first schedule's counts."""
    assert find_turns(schedule) == turns


@pytest.mark.parametrize("combination", [Sum, Product, Minimum, Maximum])
def test_the_rates_of_a_combination_need_no_more_with_more_members(combination):
    few, many = (combination(of=[Constant(base_lr=0.5)] * number) for number in (3, 300))
    least = measure_peak(lambda: lrs(few, 100_000))[0]
    assert measure_peak(lambda: lrs(many, 100_000))[0] < 1.1 * least < 5 * MEBIBYTE
