"""Describes mistakes in the arguments of constructors as `files` describes mistakes in files."""

from __future__ import annotations

from typing import Any

from frameworks.schedule import group_files, plateau_files
from frameworks.schedule.groups import Group, ParameterGroups
from frameworks.schedule.mistakes import Mistake, describe_mistake, format_mistakes
from frameworks.schedule.model import Model
from frameworks.schedule.plateau import ReduceOnPlateau
from frameworks.schedule.union import KINDS


def describe(model: type[Model], details: list[Any], fields: dict[str, Any]) -> list[str]:
    """Return a line for each error of pydantic in the fields of a model; each begins with the model's name.

    model: the class whose constructor was called.
    details: pydantic's errors.
    fields: the arguments.
    """
    return [f"{model.__name__}: {line}"
            for line in format_mistakes([_describe_mistake(model, detail, fields) for detail in details])]


def _describe_mistake(model: type[Model], detail: Any, fields: dict[str, Any]) -> Mistake:
    if model is ParameterGroups:
        return group_files._describe_mistake(detail, fields)
    if model is Group:  # described as the first group of a set
        path, text = group_files._describe_mistake({**detail, "loc": ("groups", 0, *detail["loc"])},
                                                   {"groups": [fields]})
        return Mistake(path.removeprefix("groups[0]").removeprefix("."), text)
    kind = model.model_fields["kind"].default
    data = {"kind": kind, **fields}
    if model is ReduceOnPlateau:
        return plateau_files._describe_mistake(detail, data)
    return describe_mistake({**detail, "loc": (kind, *detail["loc"])}, data, {**KINDS, kind: model})
