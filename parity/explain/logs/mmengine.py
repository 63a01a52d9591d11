"""Reads vis_data/scalars.json of MMEngine: one JSON object in each line.

`lr` is the rate that was set before the iteration. `step`, also `iter`, counts the iterations after it, so the rate of
update t has step t + 1. Rows of validation have no rate.

Source: mmengine 0.10.7, hooks/runtime_info_hook.py, hooks/logger_hook.py and visualization/vis_backend.py.
"""

from __future__ import annotations

from typing import TextIO

from parity.explain.logs.rates import LogOptions, collect_rates
from parity.explain.logs.tables import iterate_json
from parity.mistakes.search.subject import Subject


def read_mmengine(name: str, file: TextIO, options: LogOptions) -> Subject:
    """Read the lines with `lr` and skip those of validation. Raises UnreadableError."""
    rows = ((line, row.get("step", row.get("iter")), row.get("lr")) for line, row in iterate_json(file))
    return collect_rates(name, rows, rate="lr", count="step", first=1, options=options, rounded=False)
