"""Derives random values of a field from its type and bounds, and random schedules of a kind from its fields."""

from __future__ import annotations

import math
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import reject
from hypothesis import strategies as st

from frameworks.schedule import Schedule, SpecificationError
from frameworks.schedule.fields import (
    Count,
    CountFromZero,
    DropFactor,
    Positive,
    Rate,
    ScheduleModel,
    Updates,
)

rates = st.one_of(st.sampled_from([0.0, 0.1, 0.3, 0.5, 1.0]), st.floats(1e-6, 10.0))
counts = st.integers(1, 40)
factors = st.floats(0.05, 1.0)
powers = st.just(1.0) | st.floats(0.25, 4)


def build_increasing_lists(least: int = 1, most: int = 4) -> st.SearchStrategy:
    """Return random increasing lists of updates, with `least` to `most` elements."""
    return st.lists(counts, min_size=least, max_size=most, unique=True).map(sorted)


#: The types that the kinds share. Values of other types are drawn between their bounds.
_TYPES = [(Rate, rates), (Count, counts), (CountFromZero, st.integers(0, 20)), (Positive, powers),
          (DropFactor, factors), (Updates, build_increasing_lists(0))]


def build_schedules_of_kind(model: type[ScheduleModel], inner: st.SearchStrategy,
                            **given: st.SearchStrategy) -> st.SearchStrategy:
    """Return random schedules of a kind.

    inner: the schedules inside it.
    given: strategies of some of its fields.
    Values that a rule between fields refuses are drawn again; a kind that refuses most of them needs `given`.
    """
    hints = get_type_hints(model, localns={"Schedule": Schedule}, include_extras=True)
    fields = {name: given[name] if name in given else build_values_of_type(hints[name], inner)
              for name in model.model_fields if name != "kind"}

    @st.composite
    def draw_schedule(draw: st.DrawFn) -> ScheduleModel:
        try:
            return model(**{name: draw(strategy) for name, strategy in fields.items()})
        except SpecificationError:
            return reject()

    return draw_schedule()


def build_values_of_type(hint: Any, inner: st.SearchStrategy) -> st.SearchStrategy:
    """Return random values of a field's type. Raises TypeError for a type that the specification does not use."""
    if hint == Schedule:
        return inner
    for known, strategy in _TYPES:
        if get_args(hint)[:len(get_args(known))] == get_args(known):  # the same, or with further rules
            return strategy
    rules, arguments = [], get_args(hint)
    if get_origin(hint) is Annotated:
        hint, *rules = arguments
        arguments = get_args(hint)
    if get_origin(hint) in (Union, UnionType):
        return st.one_of([build_values_of_type(argument, inner) for argument in arguments])
    if get_origin(hint) is Literal:
        return st.sampled_from(arguments)
    if get_origin(hint) is tuple and arguments[-1] is not ...:
        return st.tuples(*(build_values_of_type(argument, inner) for argument in arguments))
    if get_origin(hint) is tuple:
        return st.lists(build_values_of_type(arguments[0], inner), min_size=1, max_size=3)
    if hint is NoneType:
        return st.none()
    if hint is bool:
        return st.booleans()
    bounds = {name: getattr(bound, name) for rule in rules for bound in getattr(rule, "metadata", ())
              for name in ("ge", "gt", "le", "lt") if hasattr(bound, name)}
    if hint in (int, float) and ("ge" in bounds or "gt" in bounds):
        low = bounds["ge"] if "ge" in bounds else bounds["gt"]
        high = min(bounds.get("le", bounds.get("lt", low + 40)), low + 40)
        numbers = st.integers(low, high) if hint is int else st.floats(low, high)
        return numbers.filter(
            lambda number: bounds.get("gt", -math.inf) < number < bounds.get("lt", math.inf))
    raise TypeError(f"no random values of {hint}: give some, in parity/gate/laws/algebra.py")
