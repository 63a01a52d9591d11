"""The options that a script defines with argparse, with their defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from parity.port.read.functions import FUNCTIONS, compute
from parity.port.read.literal import Call, Name, PortError


@dataclass
class Options:
    """The options of an argparse parser.

    defaults: default of each option, by its name; an option without one is left out.
    """

    defaults: dict[str, Any] = field(default_factory=dict)

    def add(self, call: Call) -> None:
        """Add the option of a call of add_argument. An option without a default gets no value."""
        flags = [flag for flag in call.arguments if isinstance(flag, str)]
        long = [flag for flag in flags if flag.startswith("--")] or flags
        dest = call.keywords.get("dest") or (long[0].lstrip("-").replace("-", "_") if long else None)
        if not isinstance(dest, str):
            return
        action = call.keywords.get("action")
        default = call.keywords.get("default")
        if default is None and action in ("store_true", "store_false"):
            default = action == "store_false"
        if default is None:
            return
        kind = call.keywords.get("type")
        if isinstance(default, str) and isinstance(kind, Name) and kind.name in ("int", "float"):
            try:
                default = compute(FUNCTIONS[kind.name], [default], kind.name)
            except PortError:
                return
        self.defaults[dest] = default

    def set_defaults(self, call: Call) -> None:
        """Add the defaults of a call of set_defaults."""
        self.defaults.update(call.keywords)
