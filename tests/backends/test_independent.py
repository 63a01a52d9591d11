"""Checks that no back end computes a rate with the specification: while it applies rates, those functions raise."""

from __future__ import annotations

import functools
import gc
import importlib
import operator
import sys
import types
from contextlib import contextmanager
from pathlib import Path

import pytest

import frameworks.schedule as specification
from frameworks import FRAMEWORKS, backend
from frameworks.schedule import Polynomial, expand, lrs
from frameworks.schedule.union import build_examples
from parity.cases import groups, plateau
from parity.gate.groups import list_schedules, measure_weights

FOLDER = str(Path(specification.__file__).parent)
GROUPS, PLATEAU = groups.CASES["everything"], plateau.CASES["accuracy_torch"]
SCHEDULES = [*build_examples().values(), *list_schedules(GROUPS)]
#: Every kind, and its updates; composed now, since a constructor may compute a rate to check it.
OBSERVED = [(schedule, min(expand(schedule).horizon + 5, 60)) for schedule in build_examples().values()]
#: Each way to call the formula of a schedule for update t without its name in the code of a call.
WAYS = {
    "getattr": lambda schedule, t: getattr(schedule, "rl"[::-1])(t),
    "vars": lambda schedule, t: vars(type(schedule))["_compute_at"](schedule, t),
    "__dict__": lambda schedule, t: type(schedule).__mro__[1].__dict__["lr"](schedule, t),
    "importlib": lambda schedule, t: vars(importlib.import_module("frameworks.schedule.arrays"))["lrs"](
        schedule, t + 1)[t],
    "an object passed in": lambda schedule, t: operator.methodcaller("lr", t)(schedule),
    "a function kept before": lambda schedule, t, compute=Polynomial._compute_at: compute(schedule, t),
    "a copied function": functools.partial(
        types.FunctionType(Polynomial._compute_at.__code__, vars(sys.modules[Polynomial.__module__]))),
}


def trace(function, *arguments):
    """Return the code of the specification's functions that run in a call."""
    ran = set()

    def note(frame, event, argument):
        if event == "call" and frame.f_code.co_filename.startswith(FOLDER):
            ran.add(frame.f_code)

    kept = sys.getprofile()
    sys.setprofile(note)
    try:
        function(*arguments)
    finally:
        sys.setprofile(kept)
    return ran


def find_formulas():
    """Return the code of each function that computes rates, and does not only take composed kinds apart."""
    formulas = trace(PLATEAU.plateau.lr, PLATEAU.metrics)
    for schedule in SCHEDULES:
        expand(schedule)
        for t in (0, 1, schedule.horizon):
            formulas |= trace(schedule.lr, t)
        formulas |= trace(lrs, schedule, schedule.horizon + 2)
    return formulas - set().union(*(trace(expand, schedule) for schedule in SCHEDULES))


def refuse(*arguments, **fields):
    raise AssertionError("a back end called the specification's formula")


@contextmanager
def formulas_that_raise():
    """Replace the code of the formulas, in each function that has it: no reference made before reaches the old code."""
    codes = find_formulas()
    formulas = [each for each in gc.get_objects() if type(each) is types.FunctionType and each.__code__ in codes]
    formulas = [function for function in formulas if not function.__closure__]  # others are made by one of these
    kept = [function.__code__ for function in formulas]
    for function in formulas:
        function.__code__ = refuse.__code__
    try:
        yield
    finally:
        for function, code in zip(formulas, kept):
            function.__code__ = code


def apply_all(framework):
    """Make updates with every kind, with parameter groups and with a plateau."""
    ported = backend(framework)
    for schedule, updates in OBSERVED:
        ported.observe(schedule, updates)
    ported.observe_plateau(PLATEAU.plateau, PLATEAU.metrics)
    measure_weights(importlib.import_module(f"frameworks.{framework}.group_probe").WatchedGroups, GROUPS)


def test_the_formulas_are_found():
    """Every kind has its formula, for one update and for many; both ends are among them."""
    names = {code.co_name for code in find_formulas()}
    assert {"lr", "lrs", "_compute_at", "_compute_over", "apply_each", "_is_better"} <= names
    assert names.isdisjoint({"expand", "composed", "find_schedule_fields"})
    codes = find_formulas()
    for kind in specification.KINDS.values():
        assert {kind._compute_at.__code__, kind._compute_over.__code__} <= codes, kind


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_backend_applies_rates_without_the_formulas_of_the_specification(framework):
    backend(framework)
    with formulas_that_raise():
        apply_all(framework)
    assert Polynomial(base_lr=1.0, power=1.0, updates=2).lr(1) == 0.5


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("way", WAYS)
def test_a_call_of_a_formula_is_noticed(way, framework):
    """A back end whose polynomial calls the formula in each way that hides the name of the function is refused."""
    backend(framework)
    rule = importlib.import_module(f"frameworks.{framework}.schedules.rule").rule
    original = rule.dispatch(Polynomial)

    def build(schedule):
        if framework != "tensorflow":
            return lambda t: WAYS[way](schedule, t)
        import tensorflow as tf

        return lambda t: tf.numpy_function(lambda count: WAYS[way](schedule, int(count)), [t], tf.float64)

    rule.register(Polynomial)(build)
    try:
        backend(framework).observe(Polynomial(base_lr=1.0, power=1.0, updates=9), 12)  # it would agree
        with formulas_that_raise(), pytest.raises(Exception, match="called the specification's formula"):
            apply_all(framework)
    finally:
        rule.register(Polynomial)(original)
