"""Lists the applied rates of a record compactly: each change, or that an epoch's rates are those of the schedule.

An entry of `applied_rates` is a change, `{"update", "rate", "bits"}`: this rate from this update on. Or it is a run,
`{"update", "updates", "of": "schedule"}`: each of these updates applied the schedule's rate, to the last bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from frameworks.observation import format_bits
from frameworks.schedule import Schedule, lrs
from frameworks.schedule.union import ADAPTER

#: An epoch with more changes than this is written as a run, if all its rates are the schedule's.
LISTED = 5


def add_rates(record: dict[str, Any], rates: np.ndarray, first: int) -> None:
    """Add the applied rates of an epoch to a record. rates: float64. first: the update of the first one, from 0.

    Rates that differ from the schedule's are always listed.
    """
    entries, schedule = record["applied_rates"], ADAPTER.validate_python(record["schedule"])
    before = _read_last_bits(entries, schedule)
    bits = [format_bits(rate) for rate in rates]
    changes = [{"update": update, "rate": rate, "bits": now} for update, (rate, now, last) in enumerate(
        zip(rates.tolist(), bits, [before, *bits]), first) if now != last]
    if len(changes) <= LISTED or not _are_specified(rates, first, schedule):
        entries += changes
    elif entries and first == entries[-1]["update"] + entries[-1].get("updates", 0):
        entries[-1] = {**entries[-1], "updates": entries[-1]["updates"] + len(rates)}
    else:
        entries.append({"update": first, "updates": len(rates), "of": "schedule"})


def expand_rates(record: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return each update at which the rate changed (int64), and the new rate (float64), from a record of any age."""
    updates, rates = [np.empty(0, np.int64)], [np.empty(0)]
    entries = record["applied_rates"]
    end = max((entry["update"] + entry["updates"] for entry in entries if "updates" in entry), default=0)
    specified = lrs(ADAPTER.validate_python(record["schedule"]), end).astype(np.float32).astype(np.float64)
    for entry in entries:
        at = np.arange(entry["update"], entry["update"] + entry.get("updates", 1))
        values = specified[at] if "updates" in entry else np.array([entry["rate"]], np.float64)
        if "updates" in entry:
            changed = np.diff(values, prepend=rates[-1][-1:] if len(rates[-1]) else np.nan) != 0
            at, values = at[changed], values[changed]
        if len(at):
            updates.append(at)
            rates.append(values)
    return np.concatenate(updates), np.concatenate(rates)


def _read_last_bits(entries: list[dict[str, Any]], schedule: Schedule) -> str:
    """Return the float32 bits of the last rate; "" without any."""
    if not entries:
        return ""
    last = entries[-1]
    return format_bits(schedule.lr(last["update"] + last["updates"] - 1)) if "updates" in last else last["bits"]


def _are_specified(rates: np.ndarray, first: int, schedule: Schedule) -> bool:
    """Return whether rates are exactly the float32 rates of a schedule from an update on."""
    specified = np.array([schedule.lr(update) for update in range(first, first + len(rates))]).astype(np.float32)
    return bool(np.array_equal(rates, specified.astype(np.float64)))
