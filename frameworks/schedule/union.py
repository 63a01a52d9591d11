"""Defines `Schedule`, the type of any schedule. A class in one of the files below is a kind."""

from __future__ import annotations

import operator
from functools import cache, reduce
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import Field, TypeAdapter

from frameworks.schedule import (
    annealing,
    clocks,
    combinations,
    curves,
    cycles,
    exponential,
    phases,
    rates,
    rounds,
    steps,
)
from frameworks.schedule.fields import ScheduleModel
from frameworks.schedule.named import changes, lines, trainings
from frameworks.schedule.named import cycles as named_cycles

#: The files of the kinds, in the order of the reference.
FILES = (steps, curves, exponential, annealing, cycles, rounds, phases, clocks, rates, combinations,
         lines, changes, trainings, named_cycles)


def _find_kinds(file: ModuleType) -> dict[str, type[ScheduleModel]]:
    classes = (value for value in vars(file).values()
               if isinstance(value, type) and not get_args(value))  # in Python 3.10 also tuple[int, ...]
    return {model.model_fields["kind"].default: model for model in classes
            if issubclass(model, ScheduleModel) and model.__module__ == file.__name__}


#: Every kind by its name.
KINDS = {kind: model for file in FILES for kind, model in _find_kinds(file).items()}

if TYPE_CHECKING:
    Schedule = ScheduleModel
else:
    #: One type for all kinds; the field `kind` selects the class.
    Schedule = Annotated[reduce(operator.or_, KINDS.values()), Field(discriminator="kind")]

for _model in KINDS.values():
    _model.model_rebuild(_types_namespace={"Schedule": Schedule})

ADAPTER: TypeAdapter = TypeAdapter(Schedule)


@cache
def build_examples() -> dict[str, Schedule]:
    """Return the example of each kind, built from its class' `example`, by the kind's name."""
    return {kind: model(**model.example) for kind, model in KINDS.items()}


def build_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a schedule; only the docstrings have rules between fields."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "made by: python -m parity schema > frameworks/schedule/schema.json",
        **ADAPTER.json_schema(),
    }
