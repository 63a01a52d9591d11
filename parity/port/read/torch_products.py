"""torch's schedulers that are chained: each multiplies the rate by the factor by which its own has changed.

Source: torch 2.14, torch/optim/lr_scheduler.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from frameworks.schedule import Constant, Polynomial, Product, Schedule, Sequence
from parity.port.read.arguments import Context, bound
from parity.port.read.literal import Call, PortError
from parity.port.read.torch_parts import chained


def flat(calls: list[Call], reader: Callable[..., Schedule]) -> Iterator[Call]:
    """Yield schedulers that are chained, those of chains inside the chain too."""
    for one in calls:
        if one.name == "ChainedScheduler":
            inner = bound(one, reader)["schedulers"]
            if not isinstance(inner, list | tuple) or not all(isinstance(each, Call) for each in inner):
                raise PortError("schedulers must be a list of their constructors, written out")
            yield from flat(list(inner), reader)
        else:
            yield one


def product(c: Context, calls: list[Call]) -> Product:
    """Read the first scheduler with the optimizer's rate, and all others as shares of it: with a rate of 1."""
    shares = [c.share(one) for one in calls]
    waves = sum(one.name == "CosineAnnealingLR" for one in calls)
    ends = [_over(share) for one, share in zip(calls, shares) if one.name != "CosineAnnealingLR"]
    chained(calls, max(ends, default=0) if waves < 2 else math.inf)
    return Product(of=[c.inner(calls[0]), *shares[1:]])


def _over(share: Schedule) -> float:
    """Return the update from which a share is 1; infinity if it never is."""
    if share == Constant(base_lr=1.0):
        return 0
    last = share.parts[-1] if isinstance(share, Sequence) else share
    ends = isinstance(last, Constant | Polynomial) and last.lr(last.horizon) == 1
    return share.horizon if ends else math.inf
