"""Compares what `port` reads with recorded rates, and with the library itself where it is installed.

Each file of tests/port/recorded names the release, and the command of tests/harness/dialects.py that recorded it.
"""

from __future__ import annotations

import json
from pathlib import Path

from parity.pages.coverage import reference
from tests.harness.dialect_rates import compare


def read_recorded(library):
    """Return the recorded rates of each text."""
    path = Path(__file__).parent / "recorded" / f"{library}.json"
    return json.loads(path.read_text(encoding="utf-8"))["rates"]


def compare_recorded(library, call, rates):
    """Return the number of recorded rates compared; compare those of the library too if it can be imported."""
    try:
        reference.import_members(library)
    except ImportError:
        pass
    else:
        compare(library, call)
    return compare(library, call, rates)
