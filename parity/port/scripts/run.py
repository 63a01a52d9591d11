"""Reads run files: a schedule, its optimizer, and the number of updates. As strict as for a schedule.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.

python -m parity run-schema prints its JSON Schema.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict, TypeAdapter, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from frameworks.arguments import Parser
from frameworks.schedule import Schedule
from frameworks.schedule.fields import MAX_COUNT, Count, Number, Positive, Rate
from frameworks.schedule.files import Format, parse_text, read_text, validate_data
from frameworks.schedule.mistakes import Mistake, describe_mistake, describe_nearest, join, shorten_value

#: The version of run files that this module reads.
FORMAT = 1

#: The share that is kept at each update. Its difference from 1 must be visible in float32.
Share = Annotated[float, Strict(), Field(ge=0, le=0.99999, allow_inf_nan=False), Number]

#: Optimizers that are not supported, and why.
REFUSED = {
    "adamw": "MXNet 1.9.1 has no such optimizer: the decay of its Adam is added to the gradient",
    "adagrad": "epsilon stands under the root in MXNet and Keras, outside it in PyTorch",
    "rmsprop": "epsilon stands under the root in MXNet, outside it in PyTorch",
    "adadelta": "MXNet's takes no learning rate: no schedule has an effect on it",
    "nag": "it is kind sgd with nesterov",
}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Sgd(_Model):
    """Gradient descent, with momentum or without.

    momentum: share of the velocity that stays at the next update, 0 to 0.99999 (default: 0, no velocity).
    nesterov: look one step ahead (default: False).
    velocity: "updates" adds up rate times gradient, as MXNet and Keras do. "gradients" adds up gradients and multiplies
    the sum by the current rate, as PyTorch does. They differ once the rate changes (default: the framework's).
    weight_decay: times the weight, added to the gradient, for every weight (default: 0).
    """

    kind: Literal["sgd"] = "sgd"
    momentum: Share = 0.0
    nesterov: Annotated[bool, Strict()] = False
    velocity: Literal["updates", "gradients"] | None = None
    weight_decay: Rate = 0.0

    @field_validator("nesterov", "velocity")
    @classmethod
    def _check_momentum(cls, value: Any, info: ValidationInfo) -> Any:
        if value and info.data.get("momentum", 1) == 0:
            raise PydanticCustomError("momentum", "needs a momentum above 0")
        return value


class Adam(_Model):
    """Adam, as Kingma and Ba 2014 (https://arxiv.org/abs/1412.6980) compute it, last lines of section 2.

    beta1, beta2: shares of the moments that stay at the next update, 0 to 0.99999 (default: 0.9 and 0.999).
    epsilon: added to the root of the second moment before its correction, as in MXNet and Keras. PyTorch adds it
    after the correction, so the script divides it by the correction there (default: 1e-8).
    weight_decay: times the weight, added to the gradient (default: 0).
    """

    kind: Literal["adam"] = "adam"
    beta1: Share = 0.9
    beta2: Share = 0.999
    epsilon: Positive = 1e-8
    weight_decay: Rate = 0.0


OPTIMIZERS = {"sgd": Sgd, "adam": Adam}


class Run(_Model):
    """A training: its length, its optimizer and its schedule.

    format: version of the file, 1. epochs, updates: the length, one of the two. updates_per_epoch: optimizer updates,
    equal to batches if each batch makes one update. optimizer: Sgd or Adam. schedule: the rates.
    """

    format: Annotated[int, Strict()]
    epochs: Count | None = None
    updates: Count | None = None
    updates_per_epoch: Count
    optimizer: Annotated[Sgd | Adam, Field(discriminator="kind")]
    schedule: Schedule

    @field_validator("format")
    @classmethod
    def _check_format(cls, value: int) -> int:
        if value != FORMAT:
            newer = ": a newer version of this project wrote it" if value > FORMAT else ""
            raise PydanticCustomError("format", "must be {format}{newer}", {"format": FORMAT, "newer": newer})
        return value

    @field_validator("updates")
    @classmethod
    def _check_length(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and info.data.get("epochs") is not None:
            raise PydanticCustomError("length", "must not be given with epochs: a run has one of the two")
        if value is None and info.data.get("epochs", 1) is None:
            raise PydanticCustomError("length", "missing; a run needs epochs or updates")
        return value

    @field_validator("updates_per_epoch")
    @classmethod
    def _check_count(cls, value: int, info: ValidationInfo) -> int:
        if (info.data.get("epochs") or 1) * value > MAX_COUNT:
            raise PydanticCustomError("count", "times epochs must be at most 2^53")
        return value

    @property
    def total(self) -> int:
        """The number of updates of the run."""
        return self.updates or (self.epochs or 0) * self.updates_per_epoch


ADAPTER: TypeAdapter[Run] = TypeAdapter(Run)


def is_run(data: Any) -> bool:
    """Return whether a document is a run file: it has no kind, and at least one field that only a run has."""
    return isinstance(data, dict) and "kind" not in data and bool({*Run.model_fields} - {"updates"} & {*data})


def read_run(path: str) -> Run | None:
    """Read a run file. Returns None if the file is not a run file, but may be a specification.

    Raises SpecificationError with one line for each mistake.
    """
    name, text, format = read_text(path)
    return loads_run(text, format, name=name)


def loads_run(text: str, format: Format = "json", *, name: str = "text") -> Run | None:
    """Return the run that a JSON or TOML text describes, None if the text is not a run.

    text: the document. format: "json" (default) or "toml". name: used in messages (default: "text"). Raises
    SpecificationError.
    """
    data = parse_text(text, format, name=name)
    if not is_run(data):
        return None
    return validate_data(data, name, ADAPTER.validate_python, _describe_mistake, _select_details)


def _select_details(details: list) -> list:
    """Return only the mistake in `format` if there is one: other fields of another version are not checked."""
    newer = [detail for detail in details if detail["loc"] == ("format",) and detail["type"] == "format"]
    return newer or details


def _describe_mistake(detail: Any, data: dict[str, Any]) -> Mistake:
    """Return the mistake that a detail of pydantic's error describes."""
    if not detail["loc"]:  # the file, not one of its fields
        return describe_mistake(detail, data)
    field, *rest = detail["loc"]
    if detail["type"] == "missing" and not rest:
        return Mistake(field, "missing; a run needs it")
    if detail["type"] == "extra_forbidden" and not rest:
        return Mistake(join("", field), f"unknown field{describe_nearest(field, list(Run.model_fields))}, "
                       f"got {shorten_value(detail['input'])}")
    if detail["type"] == "length" and detail["input"] is None:
        return Mistake(field, detail["msg"])
    if field == "optimizer" and detail["type"] == "union_tag_invalid":
        kind = detail["input"]["kind"]
        if isinstance(kind, str) and kind.lower() in REFUSED:
            return Mistake("optimizer.kind", f"{kind!r} is refused: {REFUSED[kind.lower()]}")
    if field in ("schedule", "optimizer"):
        kinds = {"kinds": OPTIMIZERS, "what": "an optimizer"} if field == "optimizer" else {}
        path, text = describe_mistake({**detail, "loc": tuple(rest)}, data[field], **kinds)
        return Mistake(f"{field}.{path}" if path else field, text)
    return describe_mistake(detail, {})._replace(path=field)


def main(arguments: list[str] | None = None, prog: str = "python -m parity run-schema") -> int:
    """Print the JSON Schema of a run file and return 0."""
    Parser(prog=prog, description="Print the JSON Schema of a run file.").parse_args(arguments)
    print(json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **ADAPTER.json_schema()}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
