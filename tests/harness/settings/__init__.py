"""Random settings of other libraries that are not constructors, and the rates that the libraries make of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from parity.pages.coverage.reference import TOTAL, UPDATES_PER_EPOCH
from parity.pages.coverage.row import LR


@dataclass(frozen=True)
class Setting:
    """A kind of settings.

    source: the library, for --from. build: returns a random text. run: runs the library with a text, and returns the
    rates of n updates. options: what `read_text` receives beside the text (default: rate, epoch and length of the
    table of schedulers). distributions: the installed packages that run (default: none). bits: precision of the
    library, 32 or 64 (default: 64). train: runs a whole training of the library, for the records (default: None).
    """

    source: str
    build: Callable[[random.Random], str]
    run: Callable[[str, int], list[float]]
    options: dict[str, Any] = field(default_factory=lambda: {
        "lr": LR, "updates_per_epoch": UPDATES_PER_EPOCH, "total": TOTAL})
    distributions: tuple[str, ...] = ()
    bits: int = 64
    train: Callable[[str, int], list[float]] | None = None


def write_call(name: str, **named: object) -> str:
    """Return a call with named arguments as text."""
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in named.items())})"
