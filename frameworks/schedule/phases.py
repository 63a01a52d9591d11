"""Defines warm-up and sequence, which put one schedule after another.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from frameworks.schedule.arrays import apply_each
from frameworks.schedule.fields import (
    MIN_ITEMS,
    MIN_POSITIVE,
    Count,
    Filled,
    Items,
    Listed,
    Positive,
    Rate,
    ScheduleModel,
    Updates,
)

if TYPE_CHECKING:
    from frameworks.schedule.union import Schedule


class Warmup(ScheduleModel):
    """Warms up for some updates, then follows another schedule.

        t < updates, mode "linear":       lr(t) = begin_lr + (peak_lr - begin_lr) * t / updates
        t < updates, mode "polynomial":   lr(t) = begin_lr + (peak_lr - begin_lr) * (t / updates)^power
        t < updates, mode "cosine":       lr(t) = begin_lr + (peak_lr - begin_lr) * (1 - cos(pi * t / updates)) / 2
        t < updates, mode "exponential":  lr(t) = begin_lr * (peak_lr / begin_lr)^(t / updates)
        t < updates, mode "constant":     lr(t) = begin_lr
        afterwards, clock "restart":      lr(t) = then.lr(t - updates)
        afterwards, clock "keep":         lr(t) = then.lr(t)

    updates: length of the warm-up, 1 or more; update `updates` is the first of `then`.
    begin_lr: rate at `t = 0`, 0 or more; at least 1e-37 for "exponential" (default: 0).
    peak_lr: end of the warm-up, which it does not apply itself, with the same range (default: null, `then.lr(0)`).
    mode: "linear", "polynomial", "cosine", "exponential" or "constant" (default: "linear").
    power: exponent, 1e-37 or more; "polynomial" needs it, and other modes reject it (default: null).
    clock: "restart", where `then` begins at its `t = 0`, or "keep", where it continues from `t` (default: "restart").
    then: the schedule after the warm-up.
    Source: the chapter's warm-up. mxnet's CosineScheduler and PolyScheduler restart the clock, its FactorScheduler and
      MultiFactorScheduler keep it. optax.warmup_exponential_decay_schedule has a "linear" warm-up.

    >>> from frameworks.schedule import Cosine, MultiFactor
    >>> warm = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
    >>> warm.lr(0), warm.lr(4), warm.lr(5), warm.lr(20)
    (0.0, 0.24, 0.3, 0.01)
    >>> drop = MultiFactor(base_lr=0.5, factor=0.5, milestones=[6])
    >>> [Warmup(updates=5, then=drop, clock=clock).lr(6) for clock in ("restart", "keep")]
    [0.5, 0.25]
    """

    kind: Literal["warmup"] = "warmup"
    updates: Count
    begin_lr: Rate = 0.0
    peak_lr: Rate | None = None
    mode: Literal["linear", "polynomial", "cosine", "exponential", "constant"] = "linear"
    power: Annotated[Positive | None, Field(validate_default=True)] = None
    clock: Literal["restart", "keep"] = "restart"
    then: Schedule
    example = {"updates": 5, "then": {"kind": "cosine", "base_lr": 0.3, "final_lr": 0.01, "updates": 15}}

    @field_validator("mode")
    @classmethod
    def _from_above_zero(cls, mode: str, info: ValidationInfo) -> str:
        for field in ("begin_lr", "peak_lr") if mode == "exponential" else ():
            rate = info.data.get(field)
            if rate is not None and rate < MIN_POSITIVE:
                raise PydanticCustomError("mode", "needs {field} to be at least {least}, not {rate}, if 'exponential'",
                                          {"field": field, "least": MIN_POSITIVE, "rate": rate})
        return mode

    @field_validator("power")
    @classmethod
    def _check_power(cls, power: float | None, info: ValidationInfo) -> float | None:
        mode = info.data.get("mode")
        if mode and (power is None) is (mode == "polynomial"):
            rule = "a number for" if power is None else "left out for"
            raise PydanticCustomError("power", "must be {rule} the mode {mode}", {"rule": rule, "mode": repr(mode)})
        return power

    @field_validator("then")
    @classmethod
    def _to_above_zero(cls, then: Schedule, info: ValidationInfo) -> Schedule:
        if (info.data.get("mode"), info.data.get("peak_lr")) == ("exponential", None) and then.lr(0) < MIN_POSITIVE:
            raise PydanticCustomError("then", "must begin at {least} or more for the mode 'exponential'",
                                      {"least": MIN_POSITIVE})
        return then

    def _compute_at(self, t: int) -> float:
        if t >= self.updates:
            return self.then._compute_at(t - self.updates if self.clock == "restart" else t)
        if self.mode == "linear":
            return self.begin_lr + (self._compute_peak() - self.begin_lr) * t / self.updates
        return float(self._warm(np.array([t], np.int64))[0])

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        first = np.searchsorted(t, self.updates)
        after = self.then._compute_over(t[first:] - (self.updates if self.clock == "restart" else 0))
        return np.concatenate((self._warm(t[:first]), after))

    def _warm(self, t: np.ndarray) -> np.ndarray:
        if self.mode == "constant":
            return np.full(len(t), self.begin_lr)
        rise = self._compute_peak() - self.begin_lr
        if self.mode == "linear":
            return self.begin_lr + rise * t / self.updates
        share = t.astype(np.float64) / self.updates
        if self.mode == "exponential":
            return self.begin_lr * apply_each(partial(math.pow, self._compute_peak() / self.begin_lr), share)
        if self.power is not None:  # "polynomial"
            return self.begin_lr + rise * apply_each(math.pow, share, self.power)
        return self.begin_lr + rise * apply_each(math.sin, math.pi / 2 * share) ** 2

    def _compute_peak(self) -> float:
        return self.then._compute_at(0) if self.peak_lr is None else self.peak_lr

    @property
    def horizon(self) -> int:
        """Return the horizon of `then`, counted by this schedule's clock, but at least `updates`."""
        if self.clock == "restart":
            return self.updates + self.then.horizon
        return max(self.updates, self.then.horizon)

    @property
    def largest(self) -> float:
        """Return the largest one of `begin_lr`, `peak_lr` and the bound of `then`."""
        return max(self.begin_lr, self.peak_lr or 0.0, self.then.largest)


class Sequence(ScheduleModel):
    """Applies one schedule after another, each with a separate clock that starts at 0.

        t < boundaries[0]:                   lr(t) = parts[0].lr(t)
        boundaries[i-1] <= t < boundaries[i]: lr(t) = parts[i].lr(t - boundaries[i-1])
        t >= boundaries[-1]:                 lr(t) = parts[-1].lr(t - boundaries[-1])

    parts: one or more schedules.
    boundaries: first update of each part except the first part (one fewer); strictly increasing, each 1 or more.

    >>> from frameworks.schedule import Constant, Polynomial
    >>> two = Sequence(parts=[Constant(base_lr=1.0), Polynomial(base_lr=0.5, power=1, updates=5)], boundaries=[10])
    >>> two.lr(9), two.lr(10), two.lr(11), two.lr(15)
    (1.0, 0.5, 0.4, 0.0)
    """

    kind: Literal["sequence"] = "sequence"
    parts: Annotated[Items[Schedule], Listed, Filled, MIN_ITEMS]
    boundaries: Updates
    example = {"boundaries": [20], "parts": [
        {"kind": "cosine", "base_lr": 0.3, "final_lr": 0.01, "updates": 20},
        {"kind": "cosine", "base_lr": 0.15, "final_lr": 0.01, "updates": 20}]}

    @field_validator("boundaries")
    @classmethod
    def _check_boundaries(cls, boundaries: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        parts = len(info.data.get("parts", ()))
        if parts and len(boundaries) != parts - 1:
            raise PydanticCustomError(
                "boundaries", "must be one fewer than the {parts} parts, not {boundaries}",
                {"parts": parts, "boundaries": len(boundaries)})
        return boundaries

    def _compute_at(self, t: int) -> float:
        part = bisect_right(self.boundaries, t)
        return self.parts[part]._compute_at(t - self._start(part))

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        rates = np.empty(len(t))
        ends = [0, *np.searchsorted(t, self.boundaries).tolist(), len(t)]
        for part, (first, end) in enumerate(pairwise(ends)):
            if first < end:
                rates[first:end] = self.parts[part]._compute_over(t[first:end] - self._start(part))
        return rates

    def _start(self, part: int) -> int:
        return self.boundaries[part - 1] if part else 0

    @property
    def horizon(self) -> int:
        """Return the horizon of the last part, counted from update 0."""
        return self._start(len(self.boundaries)) + self.parts[-1].horizon

    @property
    def largest(self) -> float:
        """Return the largest bound of the parts."""
        return max(part.largest for part in self.parts)
