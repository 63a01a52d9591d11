"""A cycle of torch's whose height decays, and whose lower rate does not: a sum, and a product in it.

Source: torch 2.14, torch/optim/lr_scheduler.py.
"""

from __future__ import annotations

from typing import Any

from frameworks.schedule import Constant, Exponential, Product, Schedule, Sum
from parity.port.cycles import up_and_down
from parity.port.read.arguments import Context, above_0
from parity.port.read.literal import PortError
from parity.port.rising import rising


def decaying_cycle(c: Context, low: float, high: float, up: int, down: int, gamma: Any) -> Schedule:
    """CyclicLR(mode="exp_range"): low, and what is above it, which is gamma times as high after each update."""
    factor = above_0("gamma", gamma)
    if high < low:
        raise PortError(f"max_lr must be at least base_lr for mode='exp_range', got {high!r} and {low!r}: the "
                        "specification adds to a rate, and takes nothing off")
    height = rising(c, "CyclicLR", high - low, factor, 1) if factor > 1 else Exponential(
        base_lr=high - low, factor=factor, updates=1)
    decay = Product(of=[up_and_down(0.0, 1.0, up, down), height])
    return Sum(of=[Constant(base_lr=low), decay]) if low else decay
