"""Suggests what to do with a class that is not read: never a class with other rates."""

from __future__ import annotations

import difflib


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
