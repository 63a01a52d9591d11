"""Installs the releases of a row into a separate environment, measures there, and removes it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from frameworks.exit_codes import FAILED
from frameworks.schedule.union import ADAPTER
from parity.cases import CASES
from parity.measuring.compare import compare
from parity.measuring.measure import read_applied_rates
from parity.measuring.processes import measure_command
from tests.harness.package import find_python_versions
from tests.harness.versions.rows import Row

ROOT = Path(__file__).resolve().parents[3]
#: Packages that the laws also need; torch.compile imports setuptools in releases up to 2.4.
TOOLS = ("hypothesis", "setuptools")
#: The seed of the laws' random schedules, fixed so that a row can be repeated.
SEED = 20261128
#: Seconds for one command in a row's environment.
TIMEOUT = 1800


class RowError(RuntimeError):
    """A row that could not be installed or measured; the message has the command and its last output."""


def build_wheel(folder: Path) -> Path:
    """Build the package from its source distribution into a folder, and return the wheel. Raises RowError."""
    _run(["uv", "build", "--quiet", "--out-dir", str(folder), str(ROOT)], ROOT, {})
    return next(folder.glob("*.whl"))


def measure_row(row: Row, wheel: Path, *, with_laws: bool = True) -> dict[str, Any]:
    """Measure the installed wheel in one row's environment and return its entry of measured.json. Raises RowError."""
    start = time.monotonic()
    with TemporaryDirectory(prefix="versions-") as folder:
        python = _install(row, wheel, Path(folder) / "environment")
        installed = time.monotonic()
        seen = _measure_cases(row, python, Path(folder))
        laws = _try_laws(row, python, Path(folder)) if with_laws and row.laws else None
    return {**seen, "laws": laws, "installed_s": round(installed - start), "measured_s":
            round(time.monotonic() - installed)}


def compare_cases(framework: str, document: dict[str, Any], most: int | None = None) -> dict[str, Any]:
    """Compare the output of `python -m parity measure` for the fixed cases with the specification.

    most: the largest number of updates of a case (default: all). The result has `differences` and `misreported`: the
    cases whose applied or reported rates differ; `built_in`: the classes used, by case, if they differ from the gate's.
    """
    results = {ADAPTER.validate_python(result["schedule"]): result for result in document["specifications"]}
    seen = {"cases": len(CASES), "updates": 0, "differences": [], "misreported": [], "edges": 0, "built_in": {}}
    for name, case in CASES.items():
        result = results[case.schedule]
        updates = min(case.updates, most or case.updates)
        applied = read_applied_rates(result)[:updates]
        comparison = compare(case.schedule, applied)
        seen["updates"] += comparison.updates
        seen["edges"] += comparison.edges
        if comparison.first is not None or comparison.updates != updates:
            seen["differences"].append(name)
        if (np.array(result["reported"][:updates]).astype(np.float32) != applied[:, 0]).any():
            seen["misreported"].append(name)
        if "built_in" in result and result["built_in"] != case.built_in.get(framework, []):
            seen["built_in"][name] = " ".join(result["built_in"])
    return seen


def _install(row: Row, wheel: Path, folder: Path) -> Path:
    environment = {**find_python_versions(), "UV_PYTHON_DOWNLOADS": "never"}
    environment["UV_NO_CACHE"] = "1"  # a torch of 5 GB is too large for a cache
    _run(["uv", "venv", "--quiet", "--python", row.python, str(folder)], ROOT, environment)
    python = folder / "bin" / "python"
    for packages in (row.packages, (*TOOLS, str(wheel))):  # this project after the others, as users install it
        _run(["uv", "pip", "install", "--quiet", "--python", str(python), *packages], ROOT, environment)
    return python


def _measure_cases(row: Row, python: Path, folder: Path) -> dict[str, Any]:
    schedules: dict = {}
    for case in CASES.values():
        schedules[case.schedule] = max(case.updates, schedules.get(case.schedule, 0))
    command = ["-m", "parity", *measure_command(row.framework, list(schedules.items()), folder)]
    if row.updates:
        paths = [argument for argument in command if argument.endswith(".json")]
        command = [str(ROOT / "tests/harness/versions/keras_backend.py"), str(row.updates), *paths]
    document = json.loads(_run([str(python), *command], folder, row.environment))
    about = json.loads(_run([str(python), "-c", _ABOUT], folder, row.environment))
    return {"version": document["version"], **about, **compare_cases(row.framework, document, row.updates)}


#: Printed in the row's environment: its Python and NumPy.
_ABOUT = ("import json, platform, numpy;"
          "print(json.dumps({'python': platform.python_version(), 'numpy': numpy.__version__}))")


def _try_laws(row: Row, python: Path, folder: Path) -> dict[str, Any]:
    command = [str(python), "-m", "parity.gate.laws.run", "--framework", row.framework, "--seed", str(SEED)]
    document = json.loads(_run(command, folder, row.environment, accepted=(0, FAILED)))
    tried = {**document["laws"], **{f"resumed {name}": law for name, law in document["resumed"].items()}}
    return {"rates": sum(law["comparisons"] for law in tried.values()),
            "broken": [name for name, law in tried.items() if law.get("broken")],
            "found": next((law["broken"] for law in tried.values() if law.get("broken")), None)}


def _run(command: list[str], folder: Path, environment: dict[str, str], accepted: tuple[int, ...] = (0,)) -> str:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    try:
        process = subprocess.run(command, cwd=folder, env={**inherited, "OMP_NUM_THREADS": "1", **environment},
                                 capture_output=True, text=True, check=False, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        raise RowError(f"{command[0]} ran longer than {TIMEOUT} s") from None
    if process.returncode not in accepted:
        raise RowError(f"exit code {process.returncode} of {' '.join(command)[:120]}: {process.stderr.strip()[-800:]}")
    return process.stdout
