"""Lines up and down between two rates, as what is read from a class and what is written for one are composed of."""

from __future__ import annotations

from typing import Any

from frameworks.schedule import Polynomial, Repeat, Sequence


def up_and_down(low: float, high: float, up: int, down: int, **sinks: Any) -> Repeat:
    """Return cycles of a line up and a line down. sinks: the decay and min_lr of a repeat."""
    return Repeat(updates=up + down, **sinks, of=Sequence(parts=[
        Polynomial(base_lr=low, final_lr=high, power=1, updates=up),
        Polynomial(base_lr=high, final_lr=low, power=1, updates=down)], boundaries=[up]))
