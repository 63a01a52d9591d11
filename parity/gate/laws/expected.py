"""Which rates an optimizer may apply, seen through its weights' type or its own operators."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from frameworks.schedule import Schedule
from parity.measuring.compare import SMALLEST_NORMAL
from parity.measuring.margin import around

#: Laws that halve, add up or multiply rates leave those below it out, but for 0: on the way they would become smaller
#: than a normal float32, which kernels flush and MXNet's operators refuse.
SMALLEST = 1e-30
#: Of so many updates, at most, the largest rate "up to there" is looked for: fewer only make the contract stricter.
MOST_EARLIER = 10_000


class Violation(AssertionError):
    """A law that does not hold, with what was asked, applied and specified."""


@dataclass(frozen=True)
class Compared:
    """How many rates were compared, and how many were not, since they are outside of what a law is about."""

    rates: int = 0
    outside: int = 0

    def __add__(self, other: Compared) -> Compared:
        return Compared(self.rates + other.rates, self.outside + other.outside)


def allowed(schedule: Schedule, t: int, smallest: float = SMALLEST_NORMAL) -> list[float]:
    """Return the float32 rates that the contract allows at update t: one, or two on the edge between them.

    None if the rate is below `smallest`, but not 0: outside the contract, or outside of what a law is about.
    """
    rate = schedule.lr(t)
    if 0 < rate < smallest:
        return []
    earlier = np.arange(min(t, schedule.horizon, MOST_EARLIER) + 1)
    _, lowest, highest = (float(side[-1]) for side in around(schedule, np.append(earlier, t)))
    return sorted({float(np.float32(x)) for x in (max(lowest, 0.0), rate, highest)})


def typed(rate: float, dtype: str) -> float:
    """Return the rate that a weight of another type shows: of 16 bits, it is rounded.

    Every framework rounds it before it multiplies. (The gradients are powers of two: the product is exact.)
    """
    if dtype in ("float32", "float64"):
        return rate
    return _bfloat16(rate) if dtype == "bfloat16" else float(np.float16(rate))


def _bfloat16(rate: float) -> float:
    """Round to the 8 bits of a bfloat16, to even on a tie."""
    bits = int(np.float32(rate).view(np.uint32))
    return float(np.uint32((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).view(np.float32))


def parsed_by_mxnet(rate: float) -> float:
    """Return what MXNet's operators make of a scalar `lr`, which reaches them as text: deviation `mxnet-scalar-lr`.

    Python writes a rate below 1e-4 with an exponent; MXNet's parser rounds the digits to float32 and then divides by 10
    in float32, once more for each digit of the exponent, which misses by up to some float32 ULP. Rates from 1e-4 on are
    exact. Plain SGD, alone or with momentum, gets its rates as a list, by another way, and is exact.
    Source: https://github.com/dmlc/dmlc-core/blob/main/include/dmlc/strtonum.h, ParseFloat.
    """
    digits, _, exponent = repr(rate).partition("e")
    whole, _, rest = digits.partition(".")
    value = np.float32(int(whole))
    if rest:
        value = np.float32(value + np.float32(int(rest[:19]) / 10 ** len(rest[:19])))
    scale = np.float32(1)
    for _ in range(abs(int(exponent or 0)) // 8):
        scale = np.float32(scale * np.float32(1e8))
    for _ in range(abs(int(exponent or 0)) % 8):
        scale = np.float32(scale * np.float32(10))
    return float(value / scale if int(exponent or 0) < 0 else value * scale)
