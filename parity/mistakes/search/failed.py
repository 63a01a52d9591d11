"""What is said of rates that were not applied as specified: the known mistake that makes them, and where to read on."""

from __future__ import annotations

import re
import shlex
import sys
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from frameworks.schedule import Schedule, write
from frameworks.whole_files import reason
from parity.mistakes.search.pair import Pair
from parity.mistakes.search.subject import Subject
from parity.mistakes.search.why import explain


def known_mistake(schedule: Schedule, applied: np.ndarray, a: str = "A", b: str = "B") -> str | None:
    """Return the first known mistake that gives every applied rate, its name and what it does; None if none does.

    applied: float32 of shape (updates,), from update 0 on. a, b: what is said for the specification and what it gave.
    """
    why = explain(Pair(Subject("specified", schedule), Subject("applied", logged=applied), len(applied)))
    found = [f"{cause.name}: {sentence}" for cause, sentence in zip(why.causes, why.sentences(a, b))]
    return "; and ".join(found if why.together else found[:1]) or None


def describe_failure(name: str, schedule: Schedule, applied: np.ndarray, folder: Path | None = None) -> list[str]:
    """Return lines for whoever reads that a comparison failed: the known mistake, and the command that says more.

    name: of the case, and of two files: the schedule's and that of the rates.
    folder: for them (default: a new one for this process, among temporary files, which stays).
    """
    rates = np.ascontiguousarray(applied, np.float32)
    if not (np.isfinite(rates) & (rates >= 0)).all():
        return ["known mistake: not searched for, since some rates are negative or not finite"]
    named = f"known mistake (A specified, B applied): {known_mistake(schedule, rates) or 'none gives these rates'}"
    name = re.sub(r"[^\w.-]", "_", name)[:100]
    lines = (f"{update},{rate!r}\n" for update, rate in enumerate(rates.tolist()))
    try:
        folder = folder or _folder()
        files = folder / f"{name}.json", folder / f"{name}-applied.csv"
        write(schedule, files[0])
        files[1].write_text("t,lr\n" + "".join(lines), encoding="utf-8")
    except OSError as error:  # the comparison has failed anyway: no more of it is lost
        return [named, f"no files for explain: {reason(error)}"]
    command = "lr-parity" if Path(sys.argv[0]).stem == "lr-parity" else "python -m parity"
    return [named, f"more: {command} explain {shlex.join(map(str, files))}"]


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="parity-failed-"))
