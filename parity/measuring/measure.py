"""Measures schedules in this process; returns one JSON document per framework."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from frameworks import backend, quiet, version
from frameworks.observation import SHAPES, SIZES, Observation, parse_bits
from frameworks.schedule import Schedule
from parity.measuring.classes_used import collect_classes

#: Every float32 becomes eight hexadecimal digits.
_HEXADECIMAL = "{:08x}".format
#: Values that are listed at once: a list takes ten times the memory of its array.
CHUNK = 1 << 14


@dataclass(frozen=True)
class Column:
    """The values of all updates.

    values: the array. format: makes the item of the document from a value (default: None, the value itself).
    """

    values: np.ndarray
    format: Callable[[Any], Any] | None = None

    def iterate_lists(self) -> Iterator[list[Any]]:
        """Yield the items of the document, CHUNK at a time."""
        for start in range(0, len(self.values), CHUNK):
            values = self.values[start:start + CHUNK].tolist()
            yield values if self.format is None else list(map(self.format, values))


def measure(framework: str, schedules: list[tuple[str, Schedule, int]]) -> dict[str, Any]:
    """Make the updates of each (name, schedule, number of updates) and return the document to print.

    framework: its name. Raises FrameworkMissingError.
    """
    document = measure_columns(framework, schedules)
    return document | {"specifications": [_list_columns(result) for result in document["specifications"]]}


def measure_columns(framework: str, schedules: list[tuple[str, Schedule, int]]) -> dict[str, Any]:
    """Return the document of `measure`, with a Column in place of a list with an item for each update."""
    quiet()
    disable_mxnet_threads()
    with contextlib.redirect_stdout(sys.stderr):  # stdout is for the document
        ported = backend(framework, any_keras=True)
        results = []
        for name, schedule, updates in schedules:
            with collect_classes(framework) as built_in:
                seen = ported.observe(schedule, updates)
            results.append(_describe_columns(name, schedule, seen) | {"built_in": sorted(built_in)})
            del seen
    return {"framework": framework, "version": version(framework), "specifications": results}


def iterate_text(document: dict[str, Any]) -> Iterator[str]:
    """Yield the JSON text of a document of `measure_columns`, in pieces."""
    head = {key: value for key, value in document.items() if key != "specifications"}
    yield json.dumps(head)[:-1] + ', "specifications": ['
    for number, result in enumerate(document["specifications"]):
        yield ", {" if number else "{"
        for index, (key, value) in enumerate(result.items()):
            yield ", " * bool(index) + json.dumps(key) + ": "
            if isinstance(value, Column):
                yield from _iterate_list(value)
            else:
                yield json.dumps(value)
        yield "}"
    yield "]}"


def disable_mxnet_threads() -> None:
    """Make MXNet work without threads once it is imported: single tiny updates cannot overlap."""
    os.environ.setdefault("MXNET_ENGINE_TYPE", "NaiveEngine")


def describe_observation(name: str, schedule: Schedule, seen: Observation) -> dict[str, Any]:
    """Describe the observation of one schedule, for JSON.

    `rates` and `bits` are those of the first weight; `differing` lists every weight that got another rate.
    """
    return _list_columns(_describe_columns(name, schedule, seen))


def _list_columns(result: dict[str, Any]) -> dict[str, Any]:
    """Return the description of an observation with lists."""
    return {key: [item for items in value.iterate_lists() for item in items] if isinstance(value, Column) else value
            for key, value in result.items()}


def _iterate_list(column: Column) -> Iterator[str]:
    yield "["
    for number, items in enumerate(column.iterate_lists()):
        yield ", " * bool(number) + json.dumps(items)[1:-1]
    yield "]"


def _describe_columns(name: str, schedule: Schedule, seen: Observation) -> dict[str, Any]:
    first = np.array(seen.applied[:, 0])  # a copy, so that the other weights need no memory later
    bits = seen.applied.view(np.uint32)
    owners = np.repeat(np.arange(len(SHAPES)), SIZES)
    return {
        "name": name,
        "schedule": schedule.model_dump(mode="json"),
        "updates": len(first),
        "rates": Column(first),
        "bits": Column(first.view(np.uint32), _HEXADECIMAL),
        "reported": Column(seen.reported),
        "parameters": [list(shape) for shape in SHAPES],
        "differing": [
            {"update": int(update), "parameter": int(owners[weight]), "bits": _HEXADECIMAL(int(bits[update, weight]))}
            for update, weight in np.argwhere(bits != bits[:, :1])
        ],
    }


def read_applied_rates(result: dict[str, Any]) -> np.ndarray:
    """Read the applied rates from the result of one specification: float32 of shape (updates, parameters)."""
    applied = np.repeat(parse_bits(result["bits"])[:, None], len(result["parameters"]), axis=1)
    for other in result["differing"]:
        applied[other["update"], other["parameter"]] = parse_bits([other["bits"]])[0]
    return applied
