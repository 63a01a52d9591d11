"""Run spellings and measure what they apply: python -m parity.port.measured --framework torch

Reads a JSON object from stdin, {"schedule": ..., "updates": n, "code": [...]}, runs each code as it is printed, makes
the updates with the optimizer that it is for, and prints {"bits": [[...], ...]}. The code is what parity/port/write
has written from a specification: no text of a user's is run.
"""

from __future__ import annotations

import contextlib
import json
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np

from frameworks import FRAMEWORKS, FrameworkMissing, backend, children, quiet
from frameworks.arguments import Parser, one_of
from frameworks.exit_codes import USAGE
from frameworks.observation import bits
from frameworks.schedule import Schedule
from frameworks.schedule.union import ADAPTER
from parity.measuring.measure import tiny_updates
from parity.measuring.processes import ROOT
from parity.port import optax_probe

#: Whose optimizer can be watched.
MEASURED = (*FRAMEWORKS, "optax")


class NotMeasured(Exception):
    """Why a spelling could not be measured."""


def measured(schedule: Schedule, framework: str, code: list[str], updates: int) -> np.ndarray:
    """Return the rates that each code made its optimizer apply, in another process: float32, (len(code), updates).

    Raises NotMeasured.
    """
    question = {"schedule": schedule.model_dump(mode="json"), "updates": updates, "code": code}
    process = children.run([sys.executable, "-m", "parity.port.measured", "--framework", framework], cwd=ROOT,
                           given=json.dumps(question))
    if process.returncode:
        raise NotMeasured(process.stderr.strip().splitlines()[-1] if process.stderr.strip() else "it ended")
    words = np.array([[int(digits, 16) for digits in one] for one in json.loads(process.stdout)["bits"]], np.uint32)
    return words.view(np.float32)


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


def main() -> int:
    """Answer one question."""
    parser = Parser(prog="python -m parity.port.measured",
                    description="Run spellings and measure the rates that they apply.")
    parser.add_argument("--framework", type=one_of(MEASURED), required=True, help=", ".join(MEASURED))
    chosen = parser.parse_args().framework
    quiet()
    tiny_updates()
    asked = json.load(sys.stdin)
    schedule = ADAPTER.validate_python(asked["schedule"])
    try:
        with contextlib.redirect_stdout(sys.stderr):
            found = [observed(schedule, chosen, code, asked["updates"]) for code in asked["code"]]
    except FrameworkMissing as error:
        print(error, file=sys.stderr)
        return USAGE
    print(json.dumps({"bits": [[bits(rate) for rate in one] for one in found]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
