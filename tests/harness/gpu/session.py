"""Runs the steps one after another within the time, and writes a result file for each and a summary."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timezone
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from frameworks import children, describe_missing
from frameworks.exit_codes import DATA, FAILED, GOOD, USAGE
from frameworks.whole_files import replace_whole
from reproduce.trainer.data import DataError, load
from tests.harness.gpu.environment import VISIBLE, find_card, query_cards
from tests.harness.gpu.plan import STEPS, Step

ROOT = Path(__file__).resolve().parents[3]
#: A step with less time than this is not started, in seconds: it would end while it imports its framework.
LEAST = 8
#: Seconds that a step has for the check in progress, and to end, after its last check may begin: a part of its time.
REST = 0.25
#: Memory of the card, in MiB, that may be in use at the end and was not at the beginning.
KEPT = 64
#: The kinds of devices, as each file names them.
REHEARSAL, CARD = "rehearsal, CPU", "GPU"


class Session:
    """One run of all steps.

    out: the folder of the results, empty. minutes: the time of all steps. rehearse: whether they run on the CPU.
    data_dir: the folder of Fashion-MNIST, None for the usual ones. steps: in their order (default: STEPS).
    """

    def __init__(self, out: Path, minutes: float, rehearse: bool, data_dir: Path | None,
                 steps: Sequence[Step] = STEPS) -> None:
        self.out, self.rehearse, self.data_dir, self.steps = out.resolve(), rehearse, data_dir, steps
        self.minutes, self.end = minutes, time.monotonic() + 60 * minutes
        self.date = datetime.now(timezone.utc).date().isoformat()
        self.card = None if rehearse else find_card(query_cards())
        self.results: dict[str, dict[str, Any]] = {step.name: {"status": "not reached", "checks": []} for step in steps}

    def run(self) -> int:
        """Run every step, write its result, and return the exit code."""
        self._write_summary()
        no_data = self._find_data_error() if any(step.needs_data for step in self.steps) else None
        for index, step in enumerate(self.steps):
            result = self._find_obstacle(step, no_data)
            if result is None:
                share = step.weight / sum(later.weight for later in self.steps[index:])
                result = self._run_step(step, share * (self.end - time.monotonic()))
            self.results[step.name] = result
            self._write_result(step.name)
            self._write_summary()
            print(describe(step.name, self.results[step.name]), flush=True)
        self._check_memory()
        self._write_summary()
        return self.compute_exit_code()

    def _find_data_error(self) -> str | None:
        try:
            load(self.data_dir, offline=True)
        except DataError as error:
            return str(error)
        return None

    def _find_obstacle(self, step: Step, no_data: str | None) -> dict[str, Any] | None:
        """Return the result of a step that cannot run; None if it can."""
        why = None if find_spec(step.framework) else describe_missing(step.framework)
        environment = f"{step.framework}-environment"
        if why is None and step.needs_device and environment in self.results:
            first = self.results[environment]
            if first["status"] in ("not reached", "out of time"):
                return {"status": "not reached", "why": f"{environment}: {first['status']}", "checks": []}
            if first["status"] != "passed":
                why = first.get("why") or f"{environment}: {first['status']}"
        why = why or (no_data if step.needs_data else None)
        return {"status": "missing", "why": why, "checks": []} if why else None

    def _run_step(self, step: Step, seconds: float) -> dict[str, Any]:
        if seconds < LEAST:
            return {"status": "not reached", "checks": []}
        command = [sys.executable, "-m", "tests.harness.gpu.step", step.name, "--out", str(self.out),
                   "--seconds", str(max(1, int(seconds * (1 - REST)))), *["--rehearse"] * self.rehearse]
        command += ["--data-dir", str(self.data_dir.resolve())] if self.data_dir else []
        begin, code, words = time.monotonic(), None, ""
        try:
            done = children.run(command, cwd=ROOT, timeout=seconds)
            output, code, words = done.stdout, done.returncode, done.stderr
        except subprocess.TimeoutExpired as late:
            output = late.output.decode(errors="replace") if isinstance(late.output, bytes) else late.output or ""
        checks = _parse(output)
        result: dict[str, Any] = {"status": "passed", "seconds": round(time.monotonic() - begin, 1), "checks": checks}
        failed = [check for check in checks if check.get("passed") is False]
        if code is None:
            result |= {"status": "out of time", "why": f"ended after its {seconds:.0f} s"}
        elif code:
            result |= {"status": "failed", "why": f"exit code {code}: {(words.strip().splitlines() or [''])[-1][:500]}"}
        elif failed and step.module == "environment":
            result |= {"status": "missing", "why": failed[0]["error"]}
        elif failed:
            result["status"] = "failed"
        elif not checks or not all(check["reached"] and check.get("whole", True) for check in checks):
            result["status"] = "partly reached"
        return result

    def _check_memory(self) -> None:
        """Add to the results whether the memory of the used card is free again, after the last process has ended."""
        if self.rehearse:
            return
        result: dict[str, Any] = {"status": "missing", "why": f"nvidia-smi reports no memory in use of the card; "
                                  f"{VISIBLE}={os.environ.get(VISIBLE, '')}", "checks": []}
        after = find_card(query_cards())
        used = [card["memory.used"] if card else "" for card in (self.card, after)]
        if self.card and after and self.card["uuid"] == after["uuid"] and all(map(str.isdigit, used)):
            free = int(used[1]) - int(used[0]) <= KEPT
            result = {"status": "passed" if free else "failed", "checks": [
                {"check": "the card's memory after all steps", "reached": True, "passed": free,
                 "before_MiB": int(used[0]), "after_MiB": int(used[1])}]}
        self.results["memory"] = result
        self._write_result("memory")

    def compute_exit_code(self) -> int:
        """Return the exit code: 4 if a step failed or was not reached whole, else 2 or 5 if something is missing.

        The steps of MXNet do not count: nothing is promised of its wheel, which may also end or hang on a new card.
        """
        optional = {step.name for step in self.steps if step.framework == "mxnet"}
        states = {name: result["status"] for name, result in self.results.items() if name not in optional}
        if any(state not in ("passed", "missing") for name, state in states.items()):
            return FAILED
        missing = {name for name, state in states.items() if state == "missing"}
        if not missing:
            return GOOD
        return DATA if missing <= {step.name for step in self.steps if step.needs_data} else USAGE

    def _write_result(self, name: str) -> None:
        document = {"step": name, "on": self._describe_device(), "date": self.date, **self.results[name]}
        replace_whole({self.out / f"{name}.json": (json.dumps(document, indent=1) + "\n").encode()})

    def _write_summary(self) -> None:
        lines = [f"Checks on a GPU: {self._describe_device()}, {self.date}, within {self.minutes:g} minutes", ""]
        lines += [describe(name, result) for name, result in self.results.items()]
        lines += ["", "passed: every check of the step; missing: what it needs is not there; not reached: no time left"]
        replace_whole({self.out / "summary.txt": ("\n".join(lines) + "\n").encode()})

    def _describe_device(self) -> str:
        if self.rehearse:
            return REHEARSAL
        if self.card is None:
            return f"{CARD}: nvidia-smi reports no visible card"
        return f"{CARD}: {self.card['name']}, driver {self.card['driver_version']}"


def _parse(output: str) -> list[dict[str, Any]]:
    """Return the results among the lines of a step's output; the last line of a process that was ended may be torn."""
    checks = []
    for line in output.splitlines():
        with suppress(ValueError):
            checks.append(json.loads(line))
    return checks


def describe(name: str, result: dict[str, Any]) -> str:
    """Return the lines of a step in the summary: its status, and each check that did not pass or was measured."""
    lines = [f"{name}: {result['status']}" + (f" ({result['why']})" if result.get("why") else "")]
    for check in result["checks"]:
        state = ("not reached" if not check["reached"] else
                 {True: "passed", False: "FAILED", None: "measured"}[check.get("passed")])
        rest = {key: value for key, value in check.items() if key not in ("check", "reached", "passed", "seconds")}
        facts = ", ".join(f"{key} {value}" for key, value in rest.items() if not isinstance(value, dict | list))
        lines.append(f"  {check['check']}: {state}" + (f"; {facts}" if facts else ""))
    return "\n".join(lines)
