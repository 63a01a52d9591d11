"""Reads parameter groups in JSON and TOML, as strictly as schedules. `files.dumps` and `files.write` write them.

>>> from frameworks.schedule.group_files import loads_groups
>>> groups = loads_groups('''
... groups = [{name = "head", match = ["head*"], lr_mult = 10}]
... [schedule]
... kind = "constant"
... base_lr = 0.125
... ''', "toml")
>>> groups.rates(0)
{'default': 0.125, 'head': 1.25}
"""

from __future__ import annotations

import os
from typing import Any

from frameworks.schedule.files import Format, SpecificationError, parse_text, read_text, validate_data
from frameworks.schedule.groups import Group, ParameterGroups
from frameworks.schedule.mistakes import Mistake, describe_mistake, describe_nearest, join, shorten_value

#: The fields that hold a schedule.
SCHEDULES = ("schedule", "momentum", "weight_decay")


def read_groups(path: str | os.PathLike[str]) -> ParameterGroups:
    """Read the parameter groups in a `.json` or `.toml` file.

    path: the file.

    Raises SpecificationError, with the name of the file, if it cannot be read or has mistakes.
    """
    name, text, format = read_text(path)
    return loads_groups(text, format, name=name)


def loads_groups(text: str, format: Format = "json", *, name: str = "text") -> ParameterGroups:
    """Read parameter groups from a text in JSON or TOML.

    text: the text.
    format: "json" or "toml" (default: "json").
    name: begins each line of an error (default: "text").

    Raises SpecificationError with one line for each mistake.
    """
    data = parse_text(text, format, name=name)
    if isinstance(data, dict) and "kind" in data and "schedule" not in data:
        raise SpecificationError([f"{name}: kind: a set of groups has none, but a schedule that has one, as its "
                                  f"'schedule', got {shorten_value(data['kind'])}"])
    return validate_data(data, name, ParameterGroups.model_validate, _describe_mistake)


def _describe_mistake(detail: Any, data: Any) -> Mistake:
    """Describe one error of pydantic; `mistakes.describe_mistake` describes the errors inside a schedule."""
    path, rest = "", list(detail["loc"])
    while rest:
        part = rest.pop(0)
        path = join(path, part)
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            data = None
        if part in SCHEDULES and (rest or detail["type"] != "missing"):
            inner, text = describe_mistake({**detail, "loc": tuple(rest)}, data)
            return Mistake(f"{path}.{inner}" if inner else path, text)
    model, what = (Group, "a group") if len(detail["loc"]) == 3 else (ParameterGroups, "a set of groups")
    if detail["type"] == "missing":
        return Mistake(path, f"missing; {what} needs it")
    if detail["type"] == "extra_forbidden":
        near = describe_nearest(str(detail["loc"][-1]), list(model.model_fields))
        return Mistake(path, f"unknown field{near}, got {shorten_value(detail['input'])}")
    if detail["type"] in ("model_type", "model_attributes_type"):
        where = "an object with a name and a match" if path else "an object with a schedule"
        return Mistake(path, f"must be {where}, got {shorten_value(detail['input'])}")
    if detail["type"] == "string_type":
        return Mistake(path, f"must be text, got {shorten_value(detail['input'])}")
    if detail["type"] == "string_too_short":
        return Mistake(path, f"must not be empty, got {shorten_value(detail['input'])}")
    return describe_mistake({**detail, "loc": ()}, data)._replace(path=path)
