"""Compares the rates that `port` reads from a text with those of its library, as run now or as recorded."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import numpy as np

from frameworks.schedule import Schedule, lrs
from parity.pages.coverage import reference
from parity.pages.coverage.other_libraries import build_optimizer
from parity.pages.coverage.record import DISTRIBUTIONS, format_record
from parity.pages.coverage.row import LR
from parity.port import read_text, specification
from parity.port.read import MULTIPLYING

UPDATES = 60


def compute_allowed(expected: np.ndarray, rounding: float) -> np.ndarray:
    """Return the largest difference at each update: a part of the largest rate so far, of at least 1e-3."""
    return rounding * np.maximum(np.maximum.accumulate(np.abs(expected)), 1e-3)


def read_schedule(library: str, call: str) -> tuple[Schedule, int]:
    """Return the schedule of a text, and the number of updates to compare.

    library: a library of `port`. call: a constructor, a configuration or arguments. Raises PortError for a refusal.
    """
    until = min(UPDATES, reference.TOTAL) if library == "fvcore" else UPDATES
    config = call.startswith(("{", "["))
    written = config and "optimizer" in call
    reading = read_text(call, library, lr=LR if library in MULTIPLYING and not written else None, config=config,
                        updates_per_epoch=reference.UPDATES_PER_EPOCH, total=reference.TOTAL)
    return reading.schedule, min(until, reading.followed or until)


def compare(library: str, call: str, recorded: list[float] | None = None) -> int:
    """Return the number of rates compared. Raises PortError for a refusal, ValueError for a difference.

    library: one of BUILDERS. call: a constructor, a configuration or arguments. recorded: its rates (default: None, run
    the library).
    """
    schedule, until = read_schedule(library, call)
    applied = reference.measure_rates(library, call, until) if recorded is None else recorded[:until]
    rates = np.array(applied, np.float64)
    expected = lrs(schedule, until)
    if library == "optax":
        allowed = np.full(until, 32 * 2.0**-24 * max(float(np.abs(expected).max()), 1e-3))
    else:
        allowed = compute_allowed(expected, (16 * until + until**2) * 2.0**-53)
    if np.any(np.abs(rates - expected) > allowed):
        t = int(np.argmax(np.abs(rates - expected) > allowed))
        raise ValueError(f"{call}: update {t}: the library has {rates[t]!r}, `port` reads {expected[t]!r}")
    if library in ("timm", "transformers") and recorded is None:
        read = specification(build_object(library, call), updates_per_epoch=reference.UPDATES_PER_EPOCH)
        if not np.array_equal(lrs(read, until), expected):
            raise ValueError(f"{call}: the object is read as {read!r}, its text as {schedule!r}")
    return until


def record(library: str, calls: list[str], path: Path) -> None:
    """Write the rates of calls to a file, for the tests where the library is not installed."""
    distribution = DISTRIBUTIONS.get(library, library)
    path.write_text(format_record({
        "made by": f"python -m tests.harness.dialects {library} --number {len(calls)} --record {path}",
        "distribution": distribution, "version": importlib.metadata.version(distribution),
        "rates": {call: reference.measure_rates(library, call, read_schedule(library, call)[1]) for call in calls}}),
        encoding="utf-8")


def build_object(library: str, call: str) -> object:
    """Return the library's scheduler of a new optimizer of torch with the rate LR."""
    return eval(call, reference.import_members(library) | {"optimizer": build_optimizer()})
