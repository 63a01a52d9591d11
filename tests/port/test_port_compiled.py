"""Tests what compiled code of Keras divides otherwise: the updates that are named are those of a real graph."""

from __future__ import annotations

import re

import numpy as np
import pytest

from frameworks import backend
from parity.port import read_text
from parity.port.keras_graph import describe_division

LENGTHS = [1, 3, 7, 10, 16, 41, 49, 55, 61, 97, 100, 107, 235, 313, 391, 500, 625, 782, 1000]


def compute_compiled_rates(text, updates):
    """Return the rates that a graph computes of a schedule, for int64 updates as an optimizer counts them."""
    backend("tensorflow")
    import keras
    import tensorflow as tf

    schedule = eval(text, vars(keras.optimizers.schedules))

    @tf.function
    def rate(step):
        return schedule(step)

    return np.array([rate(tf.constant(t, tf.int64)).numpy() for t in updates])


@pytest.mark.parametrize("every", LENGTHS)
def test_the_named_updates_are_those_of_a_graph(every):
    """At the ends of the first 12 cycles, the drop is late in a graph exactly where the sentence states it."""
    ends = np.arange(1, 13) * every
    rates = compute_compiled_rates(f"ExponentialDecay(1.0, {every}, 0.5, staircase=True)", ends)
    late = ends[rates > 0.5 ** np.arange(1, 13)].tolist()
    sentence = describe_division(every, "late", "early")
    [updates] = re.findall("late at updates? ([^;.]*)", sentence) or [""]
    named = [int(number) for number in re.findall(r"\d+", updates)]
    assert late[:3] == [update for update in named if update <= ends[-1]]


def test_a_trap_names_the_first_of_them():
    """FAULTS: 235 updates, 0.5: update 235 still applies 0.5, 470 still 0.25."""
    reading = read_text("ExponentialDecay(0.5, 235, 0.5, staircase=True)", "tensorflow")
    assert compute_compiled_rates("ExponentialDecay(0.5, 235, 0.5, staircase=True)", [234, 235, 236, 470]).tolist() == [
        0.5, 0.5, 0.25, 0.25]
    assert any("the rate before the drop still applies at updates 235, 470, 940 and others." in trap
               for trap in reading.traps)
    reading = read_text("ExponentialDecay(0.5, 10, 0.5, staircase=True)", "tensorflow")
    assert not any("compiled" in trap for trap in reading.traps)


def test_restarts_have_a_dead_update_in_a_graph():
    """CosineDecayRestarts with cycles of one length divides too."""
    reading = read_text("CosineDecayRestarts(0.5, 235, 1.0)", "tensorflow")
    assert compute_compiled_rates("CosineDecayRestarts(0.5, 235, 1.0)", [235]).tolist() == pytest.approx([0], abs=1e-6)
    assert any("the cycle before is at its end for one update more at updates 235" in trap for trap in reading.traps)
