"""Computes the rates that an optimizer may apply, given the type of its weights or its operators."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from frameworks.schedule import Schedule
from parity.measuring.compare import SMALLEST_NORMAL
from parity.measuring.margin import compute_bounds

#: Laws that halve, add up or multiply rates leave out those below it, except 0. Their intermediate results would be
#: smaller than a normal float32, which kernels flush and MXNet's operators refuse.
SMALLEST = 1e-30
#: The largest number of updates among which the largest rate "up to there" is searched: fewer make the contract
#: stricter.
MOST_EARLIER = 10_000


class ViolationError(AssertionError):
    """Raised if a law does not hold. The message has what was tried, the applied and the specified rates."""


@dataclass(frozen=True)
class Compared:
    """Numbers of rates.

    rates: compared rates (default: 0).
    outside: rates outside the law, which were not compared (default: 0).
    """

    rates: int = 0
    outside: int = 0

    def __add__(self, other: Compared) -> Compared:
        return Compared(self.rates + other.rates, self.outside + other.outside)


def compute_allowed(schedule: Schedule, t: int, smallest: float = SMALLEST_NORMAL) -> list[float]:
    """Return the float32 rates that the contract allows at update t: one, or two if the tolerance allows both.

    Returns an empty list if the rate is below `smallest`, but not 0: outside the contract, or outside the law.
    """
    rate = schedule.lr(t)
    if 0 < rate < smallest:
        return []
    earlier = np.arange(min(t, schedule.horizon, MOST_EARLIER) + 1)
    _, lowest, highest = (float(side[-1]) for side in compute_bounds(schedule, np.append(earlier, t)))
    return sorted({float(np.float32(x)) for x in (max(lowest, 0.0), rate, highest)})


def round_rate(rate: float, dtype: str) -> float:
    """Return the rate as measured from a weight of another type: one of 16 bits rounds it.

    Every framework rounds the rate before it multiplies. (The gradients are powers of two: the product is exact.)
    """
    if dtype in ("float32", "float64"):
        return rate
    return _round_to_bfloat16(rate) if dtype == "bfloat16" else float(np.float16(rate))


def _round_to_bfloat16(rate: float) -> float:
    """Round to the 8 bits of a bfloat16, to even on a tie."""
    bits = int(np.float32(rate).view(np.uint32))
    return float(np.uint32((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).view(np.float32))


def parse_as_mxnet(rate: float) -> float:
    """Return a scalar `lr` as MXNet's operators parse it from text: deviation `mxnet-scalar-lr`.

    Python writes a rate below 1e-4 with an exponent. MXNet's parser rounds the digits to float32, then divides by 10 in
    float32 once for each unit of the exponent. The result is up to some float32 ULP off. Rates from 1e-4 on are
    exact. Plain SGD, alone or with momentum, gets its rates as a list, not as text, and is exact.
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
