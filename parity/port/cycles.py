"""Builds cycles of two lines between two rates, for reading and for writing the classes that apply them."""

from __future__ import annotations

from typing import Any

from frameworks.schedule import Polynomial, Repeat, Sequence


def build_cycles(low: float, high: float, up: int, down: int, **repeat: Any) -> Repeat:
    """Return cycles of a line up and a line down.

    low, high: rates. up, down: lengths of the lines, in updates. repeat: other fields of the
    Repeat, `decay` and `min_lr` (default: none).
    """
    return Repeat(updates=up + down, **repeat, of=Sequence(parts=[
        Polynomial(base_lr=low, final_lr=high, power=1, updates=up),
        Polynomial(base_lr=high, final_lr=low, power=1, updates=down)], boundaries=[up]))
