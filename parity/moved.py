"""The names under which `python -m` ran commands before: they still work, for a release."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, spec_from_file_location
from types import ModuleType

#: Before -> now. A package's modules move with it.
MOVED = {
    "parity.broken": "parity.mistakes.schedules",
    "parity.coverage": "parity.pages.coverage",
    "parity.groups_measure": "parity.gate.groups",
    "parity.guide": "parity.pages.guide",
    "parity.laws": "parity.gate.laws",
    "parity.lockstep": "parity.gate.training",
    "parity.plateau_run": "parity.gate.plateau",
    "parity.report": "parity.pages.report",
}


class Moved:
    """Finds a moved module's file under the name that it had."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the spec of a moved module, else None."""
        for before, now in MOVED.items():
            if name == before or name.startswith(before + "."):
                found = find_spec(now + name.removeprefix(before))
                return found and spec_from_file_location(
                    name, found.origin, submodule_search_locations=found.submodule_search_locations)
        return None


def remember() -> None:
    """Let the names of before be found, after all others."""
    if Moved not in sys.meta_path:
        sys.meta_path.append(Moved)
