"""Defines sum, product, minimum and maximum, which combine the rates of schedules at the same `t`.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

import math
import operator
from functools import reduce
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np

from frameworks.schedule.fields import MIN_ITEMS, Filled, Items, Listed, ScheduleModel

if TYPE_CHECKING:
    from frameworks.schedule.union import Schedule


class Sum(ScheduleModel):
    """Adds the rates of schedules.

        lr(t) = of[0].lr(t) + of[1].lr(t) + ..., from left to right

    of: one or more schedules; the sum of their largest rates is at most 1e37.
    Source: torch's and paddle's CyclicLR, base_lr + (max_lr - base_lr) * ..., whose second term is a product.

    >>> from frameworks.schedule import Constant, Polynomial
    >>> falling = Sum(of=[Constant(base_lr=0.25), Polynomial(base_lr=1.0, power=1, updates=4)])
    >>> falling.lr(0), falling.lr(3), falling.lr(4), falling.lr(5)
    (1.25, 0.5, 0.25, 0.25)
    """

    kind: Literal["sum"] = "sum"
    of: Annotated[Items[Schedule], Listed, Filled, MIN_ITEMS]
    example = {"of": [{"kind": "constant", "base_lr": 0.1}, {"kind": "product", "of": [
        {"kind": "repeat", "updates": 16, "of": {"kind": "sequence", "boundaries": [8], "parts": [
            {"kind": "polynomial", "base_lr": 0.0, "final_lr": 1.0, "power": 1.0, "updates": 8},
            {"kind": "polynomial", "base_lr": 1.0, "power": 1.0, "updates": 8}]}},
        {"kind": "exponential", "base_lr": 0.4, "factor": 0.95, "updates": 1}]}]}

    def _compute_at(self, t: int) -> float:
        return reduce(operator.add, [member._compute_at(t) for member in self.of])  # the built-in sum rounds otherwise

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        return reduce(np.add, (member._compute_over(t) for member in self.of))

    @property
    def horizon(self) -> int:
        """Return the largest horizon of the members."""
        return max(member.horizon for member in self.of)

    @property
    def largest(self) -> float:
        """Return the sum of the members' bounds."""
        return reduce(operator.add, [member.largest for member in self.of])


class Product(ScheduleModel):
    """Multiplies the rates of schedules.

        lr(t) = of[0].lr(t) * of[1].lr(t) * ..., from left to right

    of: one or more schedules; the product of their largest rates is at most 1e37. Usually one has rates, and the
      "rates" of the others are factors without a unit, such as 1.
    Source: torch's ChainedScheduler, for classes that multiply; a warm-up multiplied by a decay;
      CyclicLR(mode="exp_range").

    >>> from frameworks.schedule import Constant, MultiFactor, Warmup
    >>> drop = MultiFactor(base_lr=0.5, factor=0.5, milestones=[3])
    >>> warm = Product(of=[Warmup(updates=4, then=Constant(base_lr=1.0)), drop])
    >>> warm.lr(2), warm.lr(3), warm.lr(4)
    (0.25, 0.1875, 0.25)
    """

    kind: Literal["product"] = "product"
    of: Annotated[Items[Schedule], Listed, Filled, MIN_ITEMS]
    example = {"of": [
        {"kind": "warmup", "updates": 10, "begin_lr": 0.1, "then": {"kind": "constant", "base_lr": 1.0}},
        {"kind": "multi_factor", "base_lr": 0.5, "factor": 0.5, "milestones": [5, 30]}]}

    def _compute_at(self, t: int) -> float:
        return reduce(operator.mul, [member._compute_at(t) for member in self.of])

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        return reduce(np.multiply, (member._compute_over(t) for member in self.of))

    @property
    def horizon(self) -> int:
        """Return the largest horizon of the members."""
        return max(member.horizon for member in self.of)

    @property
    def largest(self) -> float:
        """Return the product of the members' bounds; infinite if it is not a number."""
        bound = reduce(operator.mul, [member.largest for member in self.of])
        return math.inf if math.isnan(bound) else bound  # infinity times 0


class Minimum(ScheduleModel):
    """Applies the smallest rate of several schedules: an upper limit that may change over time.

        lr(t) = the smallest of of[0].lr(t), of[1].lr(t), ...

    of: one or more schedules.
    Source: Noam's and T5's rates, the smaller one of a line and an inverse square root
      (https://arxiv.org/abs/1706.03762, section 5.3).

    >>> from frameworks.schedule import Constant, Polynomial
    >>> capped = Minimum(of=[Polynomial(base_lr=1.0, power=1, updates=4), Constant(base_lr=0.6)])
    >>> capped.lr(1), capped.lr(2), capped.lr(4)
    (0.6, 0.5, 0.0)
    """

    kind: Literal["minimum"] = "minimum"
    of: Annotated[Items[Schedule], Listed, Filled, MIN_ITEMS]
    example = {"of": [
        {"kind": "polynomial", "base_lr": 0.0, "final_lr": 0.5, "power": 1.0, "updates": 20},
        {"kind": "cosine", "base_lr": 0.4, "final_lr": 0.01, "updates": 40}]}

    def _compute_at(self, t: int) -> float:
        return min([member._compute_at(t) for member in self.of])

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        return reduce(np.minimum, (member._compute_over(t) for member in self.of))

    @property
    def horizon(self) -> int:
        """Return the largest horizon of the members."""
        return max(member.horizon for member in self.of)

    @property
    def largest(self) -> float:
        """Return the smallest bound of the members."""
        return min(member.largest for member in self.of)


class Maximum(ScheduleModel):
    """Applies the largest rate of several schedules: a lower limit that may change over time.

        lr(t) = the largest of of[0].lr(t), of[1].lr(t), ...

    of: one or more schedules.
    Source: the opposite of minimum; with a constant, it sets the lowest rate of mxnet's FactorScheduler.

    >>> from frameworks.schedule import Constant, Polynomial
    >>> floored = Maximum(of=[Polynomial(base_lr=1.0, power=1, updates=4), Constant(base_lr=0.6)])
    >>> floored.lr(1), floored.lr(2), floored.lr(4)
    (0.75, 0.6, 0.6)
    """

    kind: Literal["maximum"] = "maximum"
    of: Annotated[Items[Schedule], Listed, Filled, MIN_ITEMS]
    example = {"of": [
        {"kind": "repeat", "updates": 10, "of": {"kind": "polynomial", "base_lr": 0.5, "power": 1.0, "updates": 10}},
        {"kind": "inverse_time", "base_lr": 0.2, "timescale": 20.0}]}

    def _compute_at(self, t: int) -> float:
        return max([member._compute_at(t) for member in self.of])

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        return reduce(np.maximum, (member._compute_over(t) for member in self.of))

    @property
    def horizon(self) -> int:
        """Return the largest horizon of the members."""
        return max(member.horizon for member in self.of)

    @property
    def largest(self) -> float:
        """Return the largest bound of the members."""
        return max(member.largest for member in self.of)
