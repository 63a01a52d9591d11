"""The options that a script defines with argparse, with their defaults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from parity.port.read.functions import FUNCTIONS, check_size, compute
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

    def call(self, call: Call) -> Any:
        """Return the value of a call of one of the parser's methods: the options' values, or the parser."""
        if call.name == "add_argument":
            self.add(call)
        elif call.name == "set_defaults":
            self.defaults.update(call.keywords)
        elif call.name.startswith("add_"):
            return self
        if call.name in ("parse_args", "parse_known_args"):
            values = dict(self.defaults)
            return values if call.name == "parse_args" else (values, [])
        return None


def _check_length(owner: list[Any], items: Any) -> Any:
    """Return what is added to a list. Raises PortError if the list would have too many items."""
    check_size([*owner, *items])
    return list(items)


def _pop(owner: Any, *given: Any) -> Any:
    """Return an item that is removed. One that is not known stays, and has no value."""
    key = given[0] if given else -1
    if isinstance(owner, dict) and isinstance(key, str) and key in owner:
        return owner.pop(key)
    if isinstance(owner, list) and isinstance(key, int) and -len(owner) <= key < len(owner):
        return owner.pop(key)
    return given[1] if len(given) > 1 else Name("pop(...)")


#: The methods of dicts and lists that are followed.
METHODS: dict[str, Callable[..., Any]] = {
    "update": lambda owner, *given, **named: owner.update(*given, **named) if isinstance(owner, dict) and all(
        isinstance(item, dict) for item in given) else None,
    "copy": lambda owner: owner.copy(), "pop": _pop,
    "get": lambda owner, name=None, default=None: owner.get(name, default) if isinstance(
        owner, dict) and isinstance(name, str) else Name("get(...)"),
    "append": lambda owner, item=None: owner.extend(_check_length(owner, [item])) if isinstance(owner, list) else None,
    "extend": lambda owner,
    items=None: owner.extend(_check_length(owner, items)) if isinstance(owner, list) and isinstance(
        items, list | tuple) else None}
