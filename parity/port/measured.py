"""Runs spellings and measures the rates they apply: python -m parity.port.measured --framework torch

Reads a JSON object from stdin, {"schedule": ..., "updates": n, "code": [...]}. Runs each code as it is printed, makes
the updates with its optimizer, and prints {"bits": [[...], ...]}. The code comes from parity/port/write, which writes
it from a specification: no text of a user is run.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np

from frameworks import FRAMEWORKS, backend
from frameworks.observation import format_bits, parse_bits
from frameworks.schedule import Schedule
from frameworks.schedule.union import ADAPTER
from parity.measuring.questions import answer, ask
from parity.port import optax_probe

#: Frameworks whose optimizer can be observed.
MEASURED = (*FRAMEWORKS, "optax")

#: The most updates that are measured.
MOST_UPDATES = 20_000


def measure_codes(schedule: Schedule, framework: str, code: list[str], updates: int) -> np.ndarray:
    """Return the rates that each code made its optimizer apply, in a new process: float32, (len(code), updates).

    Raises NotMeasuredError if the process fails.
    """
    question = {"schedule": schedule.model_dump(mode="json"), "updates": updates, "code": code}
    return np.array([parse_bits(row) for row in ask("parity.port.measured", framework, question)["bits"]])


def observe_code(schedule: Schedule, name: str, code: str, updates: int) -> np.ndarray:
    """Run one code and return the rates that its optimizer applied: float32, (updates,)."""
    if name == "optax":
        return np.ascontiguousarray(optax_probe.observe(code, updates).applied[:, 0])
    implementation = backend(name)
    if name == "torch":
        names: dict[str, Any] = {}

        def build_optimizer(parameters: list, lr: float) -> Any:
            names["model"] = SimpleNamespace(parameters=lambda: parameters)
            exec(code, names)
            return names["optimizer"]

        observation = implementation.observe(schedule, updates, optimizer=build_optimizer,
                                             build=lambda schedule, optimizer: names["scheduler"])
    else:
        names = {}
        exec(code, names)
        scheduler = names["lr_scheduler" if name == "mxnet" else "learning_rate"]
        observation = implementation.observe(schedule, updates, build=lambda schedule: scheduler)
    return np.ascontiguousarray(observation.applied[:, 0])


def _answer(name: str, question: dict[str, Any]) -> dict[str, Any]:
    schedule = ADAPTER.validate_python(question["schedule"])
    rows = [observe_code(schedule, name, code, question["updates"]) for code in question["code"]]
    return {"bits": [[format_bits(rate) for rate in row] for row in rows]}


if __name__ == "__main__":
    sys.exit(answer("parity.port.measured", "Run spellings and measure the rates that they apply.", _answer, MEASURED))
