"""Suggests what to do with a class or an option that is not read: never a class with other rates."""

from __future__ import annotations

import difflib

from parity.port.read.arguments import suggest_name
from parity.port.read.literal import PortError


def check_option(optimizer: str, option: str, names: tuple[str, ...], library: str) -> None:
    """Raise PortError unless an optimizer has an argument, with the name that was probably meant.

    optimizer: its class. option: the argument. names: its arguments. library: what raises TypeError, for the message.
    """
    if option in names:
        return
    other = {"lr": "learning_rate", "learning_rate": "lr"}.get(option)
    hint = f"; did you mean {other}?" if other in names else suggest_name(option, names)
    raise PortError(f"{optimizer} has no argument {option}: {library} raises TypeError{hint}")


def suggest(name: str, source: str) -> str:
    """Return a sentence that leads on from a class that is not read.

    name: the class. source: the library in which it was looked for.
    """
    from parity.port.read import SOURCES

    module = SOURCES[source]
    others = [other for other, library in SOURCES.items() if name in (*library.READERS, *library.REFUSED)]
    if others:
        return f"it is a class of {' and '.join(others)}: --from {others[0]}"
    near = difflib.get_close_matches(name, [*module.READERS, *module.REFUSED], n=1, cutoff=0.88)
    return f"did you mean {near[0]}?" if near else f"supported: {', '.join(module.READERS)}"
