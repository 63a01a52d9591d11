"""Measures schedules in this process; returns one JSON document per framework."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any

import numpy as np

from frameworks import backend, quiet, version
from frameworks.observation import SHAPES, SIZES, Observation, parse_bits
from frameworks.schedule import Schedule
from parity.measuring.classes_used import collect_classes

#: Every float32 becomes eight hexadecimal digits.
_HEXADECIMAL = "{:08x}".format


def measure(framework: str, schedules: list[tuple[str, Schedule, int]]) -> dict[str, Any]:
    """Make the updates of each (name, schedule, number of updates) and return the document to print.

    framework: its name. Raises FrameworkMissingError.
    """
    quiet()
    disable_mxnet_threads()
    with contextlib.redirect_stdout(sys.stderr):  # stdout is for the document
        ported = backend(framework, any_keras=True)
        results = []
        for name, schedule, updates in schedules:
            with collect_classes(framework) as built_in:
                seen = ported.observe(schedule, updates)
            results.append(describe_observation(name, schedule, seen) | {"built_in": sorted(built_in)})
    return {"framework": framework, "version": version(framework), "specifications": results}


def disable_mxnet_threads() -> None:
    """Make MXNet work without threads once it is imported: single tiny updates cannot overlap."""
    os.environ.setdefault("MXNET_ENGINE_TYPE", "NaiveEngine")


def describe_observation(name: str, schedule: Schedule, seen: Observation) -> dict[str, Any]:
    """Describe the observation of one schedule, for JSON.

    `rates` and `bits` are those of the first weight; `differing` lists every weight that got another rate.
    """
    first = np.ascontiguousarray(seen.applied[:, 0])
    bits = seen.applied.view(np.uint32)
    owners = np.repeat(np.arange(len(SHAPES)), SIZES)
    return {
        "name": name,
        "schedule": schedule.model_dump(mode="json"),
        "updates": len(first),
        "rates": first.tolist(),
        "bits": list(map(_HEXADECIMAL, first.view(np.uint32).tolist())),
        "reported": seen.reported.tolist(),
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
