"""Tests mistakes in Python constructors: all are reported at once, in the same words as the mistakes of a file."""

from __future__ import annotations

import inspect
import json
import pickle
import traceback

import numpy as np
import pytest
from pydantic import BaseModel, ValidationError

from frameworks.schedule import (
    KINDS,
    Constant,
    Cosine,
    Hold,
    MultiFactor,
    OneCycle,
    ReduceOnPlateau,
    Scale,
    SpecificationError,
    Sum,
    Warmup,
    loads,
    loads_plateau,
)
from frameworks.schedule.group_files import loads_groups
from frameworks.schedule.groups import Group, ParameterGroups
from frameworks.schedule.union import ADAPTER

cosine = Cosine(base_lr=0.5, updates=10)
WRITTEN = '{"kind": "cosine", "base_lr": 0.5, "final_lr": 0.0, "upda...'
plateau = ReduceOnPlateau(base_lr=0.1, factor=0.5, patience=2)
NESTED = {"kind": "cosine", "base_lr": -1}

MISTAKES = [
    (lambda: Cosine(0.3, 0.01, 20), ["Cosine: must be called with the names of its fields (base_lr, final_lr, "
                                     "updates), got 3 without a name"]),
    (lambda: Cosine({"base_lr": 0.3}, updates=0), ["Cosine: must be called with the names of its fields (base_lr, "
                                                   "final_lr, updates), got 1 without a name"]),
    (lambda: Cosine(base_lr=-1, updates=1.5, final=3), [
        "Cosine: base_lr: must be at least 0, got -1", "Cosine: updates: must be an integer, got 1.5",
        "Cosine: final: unknown field; did you mean 'final_lr'?, got 3"]),
    (Cosine, ["Cosine: base_lr: missing; a schedule of kind 'cosine' needs it",
                        "Cosine: updates: missing; a schedule of kind 'cosine' needs it"]),
    (lambda: Cosine(kind="line", base_lr=0.1, updates=1), ["Cosine: kind: must be 'cosine', got \"line\""]),
    (lambda: Constant(base_lr=float("nan")), ["Constant: base_lr: must be finite, got nan"]),
    (lambda: Constant(base_lr=np.float32(-0.5)), ["Constant: base_lr: must be at least 0, got -0.5"]),
    (lambda: Constant(base_lr={(1, 2): 3}), ["Constant: base_lr: must be a number, got a dict"]),
    (lambda: Warmup(updates=5, then=0.3), ["Warmup: then: must be a schedule: an object with a kind, got 0.3"]),
    (lambda: Warmup(updates=5, then=plateau), [
        "Warmup: then.kind: reduce_on_plateau depends on metrics, so it is not a schedule; use read_plateau and "
        'build_plateau, got "reduce_on_plateau"']),
    (lambda: Warmup(updates=0, then=NESTED), [
        "Warmup: updates: must be at least 1, got 0", "Warmup: then.base_lr: must be at least 0, got -1",
        "Warmup: then.updates: missing; a schedule of kind 'cosine' needs it"]),
    (lambda: Hold(updates=2, off=cosine), ["Hold: of: missing; a schedule of kind 'hold' needs it",
                                           f"Hold: off: unknown field; did you mean 'of'?, got {WRITTEN}"]),
    (lambda: Sum(of=cosine), [f"Sum: of: must be a list, got {WRITTEN}"]),
    (lambda: MultiFactor(base_lr=0.1, factor=0.5, milestones=(30, 15)), [
        "MultiFactor: milestones: must be strictly increasing, got [30, 15]"]),
    (lambda: Scale(by=1e30, of=Constant(base_lr=1e30)), [
        "Scale: may reach 1.0000000000000001e+60, but a rate must be at most 1e+37, got "
        '{"by": 1e+30, "of": {"kind": "constant", "base_lr": 1e+30}}']),
    (lambda: OneCycle(base_lr=0.1, peak_lr=1.0, rise=0, updates=5), [
        "OneCycle: rise: must be at least 1e-37, got 0"]),
    (lambda: ReduceOnPlateau(0.1, 0.5), [
        "ReduceOnPlateau: must be called with the names of its fields (base_lr, factor, patience, rule, direction, "
        "threshold_mode, threshold, cooldown, in_cooldown, min_lr, least_change, precision), got 2 without a name"]),
    (lambda: ReduceOnPlateau(base_lr=0.1, factor=1.5, pacience=3, min_lr=1), [
        "ReduceOnPlateau: factor: must be below 1, got 1.5",
        "ReduceOnPlateau: patience: missing; a metric-driven schedule of kind 'reduce_on_plateau' needs it",
        "ReduceOnPlateau: min_lr: must be at most base_lr (0.1), got 1",
        "ReduceOnPlateau: pacience: unknown field; did you mean 'patience'?, got 3"]),
    (lambda: Group("head", ["head*"]), [
        "Group: must be called with the names of its fields (name, match, lr_mult, schedule, momentum, weight_decay), "
        "got 2 without a name"]),
    (lambda: Group(nam="a", match=[""], schedule=NESTED), [
        "Group: name: missing; a group needs it", 'Group: match[0]: must not be empty, got ""',
        "Group: schedule.base_lr: must be at least 0, got -1",
        "Group: schedule.updates: missing; a schedule of kind 'cosine' needs it",
        "Group: nam: unknown field; did you mean 'name'?, got \"a\""]),
    (lambda: ParameterGroups(momentum=Constant(base_lr=1.0), groups=[{"name": "x"}]), [
        "ParameterGroups: schedule: missing; a set of groups needs it",
        "ParameterGroups: momentum: must stay below 1 in float32, may reach 1.0, got "
        '{"kind": "constant", "base_lr": 1.0}',
        "ParameterGroups: groups[0].match: missing; a group needs it"]),
]


@pytest.mark.parametrize(("construct", "lines"), MISTAKES, ids=[lines[0][:60] for _, lines in MISTAKES])
def test_every_mistake_is_a_line(construct, lines):
    """Each mistake is one line of a SpecificationError, without pydantic's text."""
    with pytest.raises(SpecificationError) as caught:
        construct()
    assert caught.value.mistakes == lines
    assert str(caught.value) == "\n".join(lines)
    assert isinstance(caught.value, ValueError)
    assert "pydantic" not in "".join(traceback.format_exception(caught.value)).replace("pydantic_validator", "")


@pytest.mark.parametrize(("construct", "load", "data"), [
    (Cosine, loads, {"kind": "cosine", "base_lr": -1, "updates": 1.5, "final": 3}),
    (Warmup, loads, {"kind": "warmup", "updates": 0, "then": {"kind": "hold", "updates": 2, "of": NESTED}}),
    (ReduceOnPlateau, loads_plateau, {"kind": "reduce_on_plateau", "base_lr": 0.1, "factor": 1.5, "pacience": 3}),
    (ParameterGroups, loads_groups, {"schedule": NESTED, "groups": [{"name": "", "match": []}], "more": 1}),
])
def test_the_words_are_those_of_a_file(construct, load, data):
    """A constructor reports the same mistakes as a file."""
    with pytest.raises(SpecificationError) as from_file:
        load(json.dumps(data), name=construct.__name__)
    with pytest.raises(SpecificationError) as from_python:
        construct(**data)
    assert from_python.value.mistakes == from_file.value.mistakes
    assert len(from_python.value.mistakes) > 1


def test_every_kind_refuses_what_has_no_name():
    """Each class refuses positional arguments."""
    for model in (*KINDS.values(), ReduceOnPlateau, Group, ParameterGroups):
        with pytest.raises(SpecificationError, match=f"^{model.__name__}: must be called with the names of its fields"):
            model(1)


def test_reading_calls_no_constructor():
    """Checks that pydantic builds nested objects itself, and that its errors keep the whole path."""
    assert not any(model.__pydantic_custom_init__ for model in (*KINDS.values(), ReduceOnPlateau, ParameterGroups))
    with pytest.raises(ValidationError) as caught:
        ADAPTER.validate_python({"kind": "warmup", "updates": 1, "then": NESTED})
    assert caught.value.errors()[0]["loc"] == ("warmup", "then", "cosine", "base_lr")

    class Custom(BaseModel):  # the counterpart
        def __init__(self, **fields):
            super().__init__(**fields)

    assert Custom.__pydantic_custom_init__


def test_a_constructor_is_otherwise_as_before():
    """Signature, pickling, copies and immutability are those of a pydantic model."""
    parameters = inspect.signature(Cosine).parameters
    assert list(parameters) == ["kind", "base_lr", "final_lr", "updates"]
    assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert pickle.loads(pickle.dumps(cosine)) == cosine == cosine.model_copy()
    with pytest.raises(ValidationError, match="frozen"):
        cosine.base_lr = 1.0
