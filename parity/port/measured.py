"""Run spellings and measure what they apply: python -m parity.port.measured --framework torch

Reads a JSON object from stdin, {"schedule": ..., "updates": n, "code": [...]}, runs each code as it is printed, makes
the updates with the optimizer that it is for, and prints {"bits": [[...], ...]}. The code is what parity/port/write
has written from a specification: no text of a user's is run.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np

from frameworks import FRAMEWORKS, backend
from frameworks.observation import bits, from_bits
from frameworks.schedule import Schedule
from frameworks.schedule.union import ADAPTER
from parity.measuring.questions import answer, ask
from parity.port import optax_probe

#: Whose optimizer can be watched.
MEASURED = (*FRAMEWORKS, "optax")


def measured(schedule: Schedule, framework: str, code: list[str], updates: int) -> np.ndarray:
    """Return the rates that each code made its optimizer apply, in another process: float32, (len(code), updates).

    Raises NotMeasured.
    """
    question = {"schedule": schedule.model_dump(mode="json"), "updates": updates, "code": code}
    return np.array([from_bits(one) for one in ask("parity.port.measured", framework, question)["bits"]])


def observed(schedule: Schedule, name: str, code: str, updates: int) -> np.ndarray:
    """Run one code and watch its optimizer."""
    if name == "optax":
        return np.ascontiguousarray(optax_probe.observe(code, updates).applied[:, 0])
    ported = backend(name)
    if name == "torch":
        made: dict[str, Any] = {}

        def made_by_it(parameters: list, lr: float) -> Any:
            made["model"] = SimpleNamespace(parameters=lambda: parameters)
            exec(code, made)
            return made["optimizer"]

        seen = ported.observe(schedule, updates, optimizer=made_by_it,
                              build=lambda schedule, optimizer: made["scheduler"])
    else:
        run: dict[str, Any] = {}
        exec(code, run)
        built = run["lr_scheduler" if name == "mxnet" else "learning_rate"]
        seen = ported.observe(schedule, updates, build=lambda schedule: built)
    return np.ascontiguousarray(seen.applied[:, 0])


def _answer(name: str, question: dict[str, Any]) -> dict[str, Any]:
    schedule = ADAPTER.validate_python(question["schedule"])
    found = [observed(schedule, name, code, question["updates"]) for code in question["code"]]
    return {"bits": [[bits(rate) for rate in one] for one in found]}


if __name__ == "__main__":
    sys.exit(answer("parity.port.measured", "Run spellings and measure the rates that they apply.", _answer, MEASURED))
