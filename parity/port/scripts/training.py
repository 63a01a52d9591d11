"""Runs the command for a run file: prints its training scripts, and runs them as printed."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import dataclass
from typing import Any

import numpy as np

from frameworks.arguments import Parser
from frameworks.exit_codes import FAILED, USAGE
from frameworks.schedule import Schedule
from parity.measuring.compare import Difference, compare
from parity.measuring.questions import NotMeasuredError
from parity.port.measured import MOST_UPDATES
from parity.port.scripts.executed import execute_script
from parity.port.scripts.run import Run, Sgd
from parity.port.scripts.skeletons import NO_SCRIPT, TARGETS, write_script

#: The most updates after the horizon whose rates are compared, and those that are computed at once.
MOST_SEARCHED, CHUNK = 1_000_000, 1 << 16


@dataclass(frozen=True)
class Script:
    """A script and its measurement.

    code: the script. updates: compared updates (default: 0, not run). first: the first difference (default: None).
    failure: why it was not measured (default: "").
    """

    code: str
    updates: int = 0
    first: Difference | None = None
    failure: str = ""


def refuse(chosen: Namespace, parser: Parser) -> None:
    """Exit with code 2 if an option is not supported for a run file."""
    if chosen.to not in (*TARGETS, "all"):
        parser.exit(USAGE, f"{parser.prog} port: argument --to: {NO_SCRIPT.format(target=chosen.to)}\n")


def run(chosen: Namespace, whole: Run) -> int:
    """Print the scripts, and compare their rates with the specification. Returns 4 if one differs, else 0."""
    updates = min(chosen.updates or whole.total, whole.total, MOST_UPDATES)
    scripts = {target: measure_script(whole, target, 0 if chosen.no_measure else updates)
               for target in (TARGETS if chosen.to == "all" else [chosen.to])}
    if chosen.json:
        print(json.dumps(_document(whole, scripts, updates), indent=1))
    else:
        print("\n\n".join(_format_text(whole, target, script) for target, script in scripts.items()), end="")
    return FAILED if any(script.first for script in scripts.values()) else 0


def measure_script(whole: Run, target: str, updates: int, code: str | None = None) -> Script:
    """Write a script, and run it if `updates` is not 0.

    whole: the run. target: the framework. updates: number to compare. code: another script (default: the written one).
    """
    code = write_script(whole, target) if code is None else code
    if not updates:
        return Script(code)
    try:
        rates = execute_script(code, target, updates, plain=is_plain(whole))
    except NotMeasuredError as error:
        return Script(code, failure=str(error))
    return Script(code, updates, compare(whole.schedule, np.ascontiguousarray(rates)).first)


def is_plain(whole: Run) -> bool:
    """Return whether the optimizer changes a weight of 0 by exactly its rate times the gradient."""
    return isinstance(whole.optimizer, Sgd) and whole.optimizer.momentum == 0


def find_traps(whole: Run) -> list[str]:
    """Return a line for each mismatch between the schedule and the length of the run."""
    horizon, lines = whole.schedule.horizon, []
    if horizon > whole.total:
        lines.append(f"the run ends after {whole.total:,} updates, the schedule changes until update {horizon:,}")
    over = 0 < horizon < min(whole.updates_per_epoch, whole.total)
    if over and _is_held(whole.schedule, horizon, whole.total):  # cycles continue after their horizon
        lines.append(f"the schedule ends after {horizon:,} updates, within the first epoch of "
                     f"{whole.updates_per_epoch:,}: for a schedule per epoch use kind hold")
    return lines


def _is_held(schedule: Schedule, start: int, end: int) -> bool:
    """Return whether all rates from update `start` to `end` - 1 are equal; at most MOST_SEARCHED are computed."""
    rate = schedule.lr(start)
    for first in range(start, min(end, start + MOST_SEARCHED), CHUNK):
        if (schedule._compute_over(np.arange(first, min(end, first + CHUNK))) != rate).any():
            return False
    return True


def describe_result(whole: Run, script: Script) -> str:
    """Return the sentence that reports the measurement of a script."""
    if script.failure:
        return f"Not measured: {script.failure}"
    if not script.updates:
        return "Not run."
    of = f"the first {script.updates:,} of its {whole.total:,} updates" if script.updates < whole.total else (
        f"all {whole.total:,} updates")
    what = "applied to the weights" if is_plain(whole) else "that the optimizer received"
    if script.first is None:
        return f"Run as printed: the rates {what} are the specified ones, bit for bit, in {of}."
    return f"Run as printed, and WRONG: of the rates {what}, {script.first}."


def _format_text(whole: Run, target: str, script: Script) -> str:
    lines = [f"# {target}: {whole.total:,} updates, {whole.updates_per_epoch:,} an epoch. "
             f"{describe_result(whole, script)}",
             *(f"# trap: {trap}" for trap in find_traps(whole))]
    return "\n".join(lines) + "\n" + script.code


def _document(whole: Run, scripts: dict[str, Script], updates: int) -> dict[str, Any]:
    return {
        "format": 1, "run": whole.model_dump(mode="json", exclude_none=True), "traps": find_traps(whole),
        "updates": updates,
        "seen": "applied" if is_plain(whole) else "handed over",
        "scripts": {target: {"code": script.code, "compared": script.updates,
                             "first_difference": script.first.update if script.first else None}
                    for target, script in scripts.items()},
        "not_measured": {target: script.failure for target, script in scripts.items() if script.failure}}
