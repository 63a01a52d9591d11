"""Tests composed kinds: what they are composed of, what they refuse, and the library classes with the same rates."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frameworks.schedule import (
    KINDS,
    Constant,
    Cosine,
    Cyclic,
    Delay,
    Hold,
    Linear,
    OneCycle,
    Override,
    Piecewise,
    Scale,
    Shift,
    SpecificationError,
    Warmup,
    dumps,
    expand,
    loads,
    lrs,
)
from frameworks.schedule.fields import MAX_DEPTH, ScheduleModel
from frameworks.schedule.named import Named
from parity.cases import GROUPS
from parity.gate.laws.algebra import build_composed_leaves, build_composed_nested, schedules

NAMES = {kind for kind, model in KINDS.items() if issubclass(model, Named)}
line = {"kind": "linear", "base_lr": 1.0, "updates": 4}


def kinds(schedule):
    return {schedule.kind}.union(*map(kinds, schedule.inner()))


@given(build_composed_leaves() | build_composed_nested(schedules) | schedules, st.integers(0, 2**50))
@settings(max_examples=300, deadline=None)
def test_what_is_expanded_has_no_names_and_equal_rates(schedule, t):
    other = expand(schedule)
    assert not kinds(other) & NAMES
    assert lrs(other, 100).tobytes() == lrs(schedule, 100).tobytes()
    assert other.lr(t) == schedule.lr(t)
    assert (other.horizon, other.largest, other.depth) == (schedule.horizon, schedule.largest, schedule.depth)
    assert expand(other) is other
    assert loads(dumps(schedule)) == schedule


def test_names_deep_inside_are_found():
    deep = Hold(updates=2, of=Delay(by=3, of=Scale(by=0.5, of=Linear(base_lr=1.0, updates=4))))
    assert kinds(deep) & NAMES == {"delay", "linear"}
    assert not kinds(expand(deep)) & NAMES
    assert kinds(deep.of.composed) & NAMES == {"linear"}  # the test above can fail


def test_a_copy_is_composed_of_its_own_fields():
    before, new = Linear(base_lr=1.0, updates=4), Linear(base_lr=1.0, updates=4)  # its rates are not computed
    assert before.lr(2) == 0.5
    after = before.model_copy(update={"updates": 8})
    assert (after, after.lr(2), before.lr(2)) == (Linear(base_lr=1.0, updates=8), 0.75, 0.5)
    assert (hash(before), before) == (hash(new), new)


def test_what_it_is_composed_of_is_no_part_of_its_value():
    """Otherwise two nested schedules would be compared twice at each depth: 2^40 times at depth 40."""
    deep = Constant(base_lr=1.0)
    for _ in range(40):
        deep = Delay(by=1, of=deep)
    again, changed = (loads(dumps(deep).replace("1.0", rate)) for rate in ("1.0", "0.5"))
    assert (deep == again, hash(deep) == hash(again), deep == changed) == (True, True, False)
    assert list(dict(deep)) == list(Delay.model_fields)
    for copied in (copy.deepcopy(deep), pickle.loads(pickle.dumps(deep))):
        assert (copied, copied.lr(50)) == (deep, 1.0)
    assert len(pickle.dumps(deep)) < len(dumps(deep))


def build_nested(kind, levels, **fields):
    text = '{"kind": "constant", "base_lr": 1}'
    for _ in range(levels):
        text = f'{{"kind": "{kind}", {json.dumps(fields)[1:-1]}, "of": {text}}}'
    return text


def test_depth_is_that_of_the_composition():
    assert loads(build_nested("shift", MAX_DEPTH - 1, by=1)).depth == MAX_DEPTH
    assert loads(build_nested("delay", MAX_DEPTH - 1, by=1)).depth == MAX_DEPTH
    kept = {"at": 1, "then": {"kind": "constant", "base_lr": 1}, "clock": "keep"}
    assert loads(build_nested("override", MAX_DEPTH - 2, **kept)).depth == MAX_DEPTH  # a shift inside its sequence
    cyclic = {"kind": "cyclic", "low": 0.1, "high": 1, "up": 3, "mode": "exp_range", "gamma": 0.5}
    deep = build_nested("shift", MAX_DEPTH - 4, by=1).replace('{"kind": "constant", "base_lr": 1}', json.dumps(cyclic))
    with pytest.raises(SpecificationError) as error:
        loads(deep, name="s.json")
    (mistake,) = error.value.mistakes
    assert mistake.startswith("s.json: must be nested at most 64 deep, got {")
    assert loads(json.dumps(json.loads(deep)["of"])).depth == MAX_DEPTH


class Broken(Named):
    """A kind whose fields are valid, but whose composition is not."""

    kind: str = "broken"

    def _compose(self):
        return Shift(by=-1, of=Constant(base_lr=0.1))


def test_a_composition_that_is_refused_is_a_mistake_of_its_own_schedule():
    with pytest.raises(ValueError, match="cannot be composed: by: Input should be greater than or equal to 0"):
        Broken()


@pytest.mark.parametrize(("fields", "said"), [
    ({"kind": "piecewise", "values": [], "boundaries": []}, "values: must not be empty, got []"),
    ({"kind": "piecewise", "values": [1, 2], "boundaries": []},
     "boundaries: must be one fewer than the 2 values, not 0, got []"),
    ({"kind": "interpolated", "points": []}, "points: must not be empty, got []"),
    ({"kind": "interpolated", "points": [[3, 1], [3, 2]]},
     "points: must have strictly increasing updates, got [[3, 1], [3, 2]]"),
    ({"kind": "interpolated", "points": [[1]]}, "points[0]: must be a list of two, an update and its rate, got [1]"),
    ({"kind": "interpolated", "points": [[0.5, 1]]}, "points[0][0]: must be an integer, got 0.5"),
    ({"kind": "interpolated", "points": [[0, -1]]}, "points[0][1]: must be at least 0, got -1"),
    ({"kind": "noam", "d_model": 8, "warmup": 4, "first": 2}, "first: must be at most 1, got 2"),
    ({"kind": "noam", "d_model": 8, "warmup": 4, "first": True}, "first: must be an integer, got true"),
    ({"kind": "override", "of": line, "at": 0, "then": line}, "at: must be at least 1, got 0"),
    ({"kind": "override", "of": line, "at": 2, "then": 3}, "then: must be a schedule: an object with a kind, got 3"),
    ({"kind": "override", "of": line, "at": 2, "then": {**line, "updates": 0}},
     "then.updates: must be at least 1, got 0"),
    ({"kind": "one_cycle", "base_lr": 0, "peak_lr": 1, "rise": 5, "updates": 5},
     "updates: must be more than rise (5.0), got 5"),
    ({"kind": "one_cycle", "base_lr": 0, "peak_lr": 1, "phases": 3, "rise": 2.5, "updates": 5},
     "updates: must be more than twice rise (2.5), got 5"),
    ({"kind": "one_cycle", "base_lr": 0, "peak_lr": 1, "phases": 4, "rise": 2, "updates": 5},
     "phases: must be 2 or 3, got 4"),
    ({"kind": "wsd", "base_lr": 1, "warmup": 1, "stable": 2**53, "decay": 1},
     "stable: must be at most 2^53 together with warmup (1), got 9007199254740992"),
    ({"kind": "wsd", "base_lr": 1, "warmup": 1, "stable": 1, "decay": 1, "tail": "exponential"},
     "final_lr: must be at least 1e-37 for the tail 'exponential', got 0.0"),
    ({"kind": "cyclic", "low": 1, "high": 0.5, "up": 3}, "high: must be at least low (1.0), got 0.5"),
    ({"kind": "cyclic", "low": 0, "high": 1, "up": 3, "gamma": 0.5},
     "gamma: must be 1 unless the mode is 'exp_range', got 0.5"),
    ({"kind": "cyclic", "low": 0, "high": 1, "up": 2**53, "down": 2},
     "down: must be at most 2^53 together with up (9007199254740992), got 2"),
    ({"kind": "cyclic", "low": 0, "high": 1, "up": 2**53}, "down: must be at most 2^53 together with up "
     "(9007199254740992), got null"),
    ({"kind": "warmup", "updates": 3, "mode": "exponential", "then": line},
     "mode: needs begin_lr to be at least 1e-37, not 0.0, if 'exponential', got \"exponential\""),
    ({"kind": "warmup", "updates": 3, "begin_lr": 1, "peak_lr": 0, "mode": "exponential", "then": line},
     "mode: needs peak_lr to be at least 1e-37, not 0.0, if 'exponential', got \"exponential\""),
    ({"kind": "warmup", "updates": 3, "mode": "polynomial", "then": line},
     "power: must be a number for the mode 'polynomial', got null"),
    ({"kind": "warmup", "updates": 3, "power": 2, "then": line},
     "power: must be left out for the mode 'linear', got 2"),
])
def test_mistakes_are_of_a_field(fields, said):
    with pytest.raises(SpecificationError) as error:
        loads(json.dumps(fields), name="s.json")
    assert error.value.mistakes == [f"s.json: {said}"]


def test_an_exponential_warmup_needs_something_to_rise_to():
    with pytest.raises(SpecificationError, match="then: must begin at 1e-37 or more for the mode 'exponential', got"):
        loads(json.dumps({"kind": "warmup", "updates": 3, "begin_lr": 1, "mode": "exponential",
                          "then": {"kind": "constant", "base_lr": 0}}))


def test_kinds_that_say_the_same_are_composed_of_whole_kinds():
    falling = Linear(base_lr=0.5, final_lr=0.1, updates=9)
    assert expand(falling).kind == "polynomial"
    assert expand(OneCycle(base_lr=0.1, peak_lr=0.5, rise=4, updates=9)) == Warmup(
        updates=4, begin_lr=0.1, mode="cosine", then=Cosine(base_lr=0.5, updates=5))
    assert kinds(expand(Piecewise(values=[1, 2], boundaries=[3]))) == {"sequence", "constant"}
    assert expand(Delay(by=0, of=falling)) == expand(falling)
    assert expand(Override(of=falling, at=3, then=falling, clock="keep")).parts[1].kind == "shift"
    assert expand(Cyclic(low=0.1, high=0.5, up=4)).kind == "repeat"


@pytest.mark.parametrize("name", GROUPS["named"])
def test_every_case_is_computed_alike_at_once_and_one_by_one(name):
    schedule = GROUPS["named"][name].schedule
    assert lrs(schedule, 300).tolist() == [schedule.lr(t) for t in range(300)]


def test_a_named_kind_has_to_say_one_thing():
    assert Named.__abstractmethods__ == {"_compose"}
    assert ScheduleModel.__abstractmethods__ >= {"_compute_at", "_compute_over"}


def test_rates_are_floats():
    assert all(isinstance(case.schedule.lr(np.int64(3)), float) for case in GROUPS["named"].values())
