"""The names under which `python -m` ran commands before: they still work, for a release."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, spec_from_file_location
from types import ModuleType

#: Old name -> new name. A package's modules move with it, except those that are listed separately.
MOVED = {
    "parity.broken": "parity.mistakes.schedules",
    "parity.coverage": "parity.pages.coverage",
    "parity.groups_measure": "parity.gate.groups",
    "parity.guide": "parity.pages.guide",
    "parity.laws": "parity.gate.laws",
    "parity.lockstep": "parity.gate.training",
    "parity.lockstep.sample": "tests.harness.sample",
    "parity.plateau_run": "parity.gate.plateau",
    "parity.port.executed": "parity.port.scripts.executed",
    "parity.port.optax_cases": "tests.harness.optax_cases",
    "parity.port.run": "parity.port.scripts.run",
    "parity.report": "parity.pages.report",
    "reproduce.reliability": "tests.harness.reliability",
}


class Moved:
    """Finds a moved module's file under the name that it had."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the spec of a moved module, else None."""
        if not name.startswith(("parity.", "reproduce.")):  # as nearly all are
            return None
        before = max((old for old in MOVED if f"{name}.".startswith(f"{old}.")), key=len, default=None)
        if before is None:
            return None
        try:
            spec = find_spec(MOVED[before] + name.removeprefix(before))
        except ModuleNotFoundError:  # tests are not installed
            return None
        return spec and spec_from_file_location(
            name, spec.origin, submodule_search_locations=spec.submodule_search_locations)


def remember() -> None:
    """Make the old names importable. Comes first in sys.meta_path, since a moved package has modules. Idempotent."""
    if Moved not in sys.meta_path:
        sys.meta_path.insert(0, Moved)
