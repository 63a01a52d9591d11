"""Describes rates that differ from the specification: the known mistake that makes them, and the `explain` command."""

from __future__ import annotations

import re
import shlex
import sys
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from frameworks.schedule import Schedule, write
from frameworks.whole_files import describe_error, replace_whole
from parity.mistakes.search.pair import Pair
from parity.mistakes.search.subject import Subject
from parity.mistakes.search.why import explain


def find_known_mistake(schedule: Schedule, applied: np.ndarray, a: str = "A", b: str = "B") -> str | None:
    """Return the name of the first known mistake that gives each applied rate, with a sentence; None if none does.

    applied: float32 of shape (updates,), from update 0 on.
    a: the name of the specification in the sentence (default: A).
    b: the name of the applied rates in the sentence (default: B).
    """
    why = explain(Pair(Subject("specified", schedule), Subject("applied", logged=applied), len(applied)))
    lines = [f"{cause.name}: {sentence}" for cause, sentence in zip(why.causes, why.format_sentences(a, b))]
    return "; and ".join(lines if why.together else lines[:1]) or None


def describe_failure(name: str, schedule: Schedule, applied: np.ndarray, folder: Path | None = None,
                     known: np.ndarray | None = None) -> list[str]:
    """Return lines about a failed comparison: the known mistake, and the command that explains more.

    name: of the case and of two files, one with the schedule and one with the rates.
    schedule: what was specified.
    applied: float32 of shape (updates,), from update 0 on.
    known: whether the rate of each update is known: bool of the same shape (default: None, all).
    folder: for these files (default: a new temporary folder of this process, which is not deleted).
    """
    rates = np.ascontiguousarray(applied, np.float32)
    times = np.arange(len(rates)) if known is None else np.flatnonzero(known)
    if not (np.isfinite(rates[times]) & (rates[times] >= 0)).all():
        return ["known mistake: not searched for, since some rates are negative or not finite"]
    named = f"known mistake (A specified, B applied): {find_known_mistake(schedule, rates) or 'none gives these rates'}"
    name = re.sub(r"[^\w.-]", "_", name)[:100]
    lines = (f"{update},{rate!r}\n" for update, rate in zip(times.tolist(), rates[times].tolist()))
    try:
        folder = folder or _make_folder()
        files = folder / f"{name}.json", folder / f"{name}-applied.csv"
        write(schedule, files[0])
        replace_whole({files[1]: ("t,lr\n" + "".join(lines)).encode()})
    except OSError as error:  # the failed comparison is reported without files
        return [named, f"no files for explain: {describe_error(error)}"]
    command = "lr-parity" if Path(sys.argv[0]).stem == "lr-parity" else "python -m parity"
    return [named, f"more: {command} explain {shlex.join(map(str, files))}"]


@cache
def _make_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="parity-failed-"))
