"""Defines repeat and cosine restarts, which start again after each cycle.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from frameworks.schedule.arrays import apply_each
from frameworks.schedule.fields import Count, CountFromZero, DropFactor, Rate, ScheduleModel

if TYPE_CHECKING:
    from frameworks.schedule.union import Schedule


class Repeat(ScheduleModel):
    """Repeats the first updates of another schedule in cycles, each of which may be lower.

        i = floor(t / updates), the number of the cycle
        decay = 1:  lr(t) = of.lr(t mod updates)
        decay < 1:  lr(t) = of.lr(t mod updates) * decay^i + min_lr * (1 - decay^i)

    updates: length of a cycle, 1 or more; update `updates` applies of.lr(0) again, and of.lr(updates) is never applied.
    decay: multiplies the height above min_lr at each new cycle; above 0, at most 1 (default: 1).
    min_lr: rate which the cycles approach, 0 or more; lower rates of `of` increase towards it (default: 0). With a
      decay of 1 it has no effect.
    of: the schedule.

    It never ends; its horizon is one cycle.
    Source: warm restarts of equal length (https://arxiv.org/abs/1608.03983, Loshchilov and Hutter 2016). torch's
      CosineAnnealingLR and CyclicLR, whose cycles have two halves; mode "triangular2" has a decay of 1/2.

    >>> from frameworks.schedule import Cosine, Polynomial
    >>> again = Repeat(updates=20, of=Cosine(base_lr=0.3, updates=20))
    >>> again.lr(0), round(again.lr(19), 6), again.lr(20), round(again.lr(30), 6)
    (0.3, 0.001847, 0.3, 0.15)
    >>> lower = Repeat(updates=4, decay=0.5, min_lr=0.5, of=Polynomial(base_lr=1.5, power=1, updates=4))
    >>> lower.lr(0), lower.lr(3), lower.lr(4), lower.lr(7), lower.lr(8)
    (1.5, 0.375, 1.0, 0.4375, 0.75)
    """

    kind: Literal["repeat"] = "repeat"
    updates: Count
    decay: DropFactor = 1.0
    min_lr: Rate = 0.0
    of: Schedule
    example = {"updates": 20, "of": {"kind": "cosine", "base_lr": 0.3, "final_lr": 0.01, "updates": 20}}

    def _compute_at(self, t: int) -> float:
        done, within = divmod(t, self.updates)
        rate, sunk = self.of._compute_at(within), math.pow(self.decay, done)
        return rate if self.decay == 1 else rate * sunk + self.min_lr * (1 - sunk)

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        done, within = np.divmod(t, self.updates)
        order = np.argsort(within, kind="stable")
        rates = np.empty(len(t))
        rates[order] = self.of._compute_over(within[order])
        if self.decay == 1:
            return rates
        sunk = apply_each(partial(math.pow, self.decay), done.astype(np.float64))
        return rates * sunk + self.min_lr * (1 - sunk)

    @property
    def horizon(self) -> int:
        """Return the length of a cycle."""
        return self.updates

    @property
    def largest(self) -> float:
        """Return the bound of `of`, or `min_lr` if it is larger and there is a decay."""
        return self.of.largest if self.decay == 1 else max(self.of.largest, self.min_lr)


class CosineRestarts(ScheduleModel):
    """Repeats half a cosine period in cycles that may become longer and lower, and may begin with a warm-up.

        i, s: the number of the cycle, from 0, and the updates made in it; cycle i has n = updates * growth^i updates
        top: final_lr + (base_lr - final_lr) * decay^i if sinks is "height", base_lr * decay^i if it is "peak"
        s < warmup:   lr(t) = final_lr + (top - final_lr) * s / warmup
        s >= warmup:  lr(t) = final_lr + (top - final_lr) * (1 + cos(pi * (s - warmup) / (n - warmup))) / 2

    base_lr: top of the first cycle, 0 or more.
    final_lr: rate which each cycle approaches but does not quite reach, 0 or more (default: 0).
    updates: length of the first cycle, 1 or more.
    growth: whole number that multiplies the length at each new cycle, 1 or more (default: 1).
    decay: multiplies the top at each new cycle, as `sinks` states; above 0, at most 1 (default: 1).
    sinks: "height": decay multiplies the height above final_lr. "peak": decay multiplies the top itself, which may come
      to lie below final_lr (default: "height").
    warmup: updates of warm-up in every cycle, as a part of it; from 0 to updates - 1 (default: 0).

    It never ends; its horizon is the first cycle. Where final_lr decays too, and all cycles have the same length, write
    a repeat of a cosine, with decay.

    An increase loses digits near its start: a rate there is within 4 * 2^-53 * final_lr of the formula. Below
    2e-8 * final_lr it has fewer digits than float32. With "peak", a cycle begins with all of them.
    Source: Loshchilov and Hutter 2016 (https://arxiv.org/abs/1608.03983); torch's CosineAnnealingWarmRestarts(T_0,
      T_mult). Keras' CosineDecayRestarts(t_mul, m_mul): its m_mul is the decay with "height". timm's cycle_decay and
      ignite's start_value_mult are the decay with "peak".

    >>> waves = CosineRestarts(base_lr=1.0, updates=2, growth=2, decay=0.5)
    >>> waves.lr(0), round(waves.lr(1), 9), waves.lr(2), round(waves.lr(4), 9), waves.lr(6), waves.lr(14)
    (1.0, 0.5, 0.5, 0.25, 0.25, 0.125)
    >>> warm = CosineRestarts(base_lr=1.0, updates=4, warmup=2)
    >>> warm.lr(0), warm.lr(1), warm.lr(2), round(warm.lr(3), 9), warm.lr(4)
    (0.0, 0.5, 1.0, 0.5, 0.0)
    """

    kind: Literal["cosine_restarts"] = "cosine_restarts"
    base_lr: Rate
    final_lr: Rate = 0.0
    updates: Count
    growth: Count = 1
    decay: DropFactor = 1.0
    sinks: Literal["height", "peak"] = "height"
    warmup: CountFromZero = 0
    example = {"base_lr": 0.3, "final_lr": 0.01, "updates": 8, "growth": 2}

    @field_validator("warmup")
    @classmethod
    def _check_warmup(cls, warmup: int, info: ValidationInfo) -> int:
        updates = info.data.get("updates", math.inf)
        if warmup >= updates:
            raise PydanticCustomError("warmup", "must be below updates ({updates})", {"updates": updates})
        return warmup

    def _compute_rate(self, sunk: Any, share: Any) -> Any:
        if self.sinks == "peak":  # far below final_lr, a difference would lose digits
            return self.final_lr * (1 - share) + self.base_lr * sunk * share
        return self.final_lr + (self.base_lr - self.final_lr) * sunk * share

    def _compute_at(self, t: int) -> float:
        done, length = 0, self.updates
        if self.growth == 1:
            done, t = divmod(t, length)
        else:
            while t >= length:
                done, t, length = done + 1, t - length, length * self.growth
        if t < self.warmup:
            share = float(t) / self.warmup
        else:
            share = (1 + math.cos(math.pi * float(t - self.warmup) / float(length - self.warmup))) / 2
        return self._compute_rate(math.pow(self.decay, done), share)

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        if self.growth == 1:
            done, within = np.divmod(t, self.updates)
            waves = float(self.updates - self.warmup)
        else:
            starts, lengths = self._find_cycles(int(t[-1]) if len(t) else 0)
            done = np.searchsorted(starts, t, side="right") - 1
            within = t - starts[done]
            waves = np.array([float(length - self.warmup) for length in lengths])[done]
        angle = math.pi * np.maximum(within - self.warmup, 0).astype(np.float64) / waves
        share = (1 + apply_each(math.cos, angle)) / 2
        if self.warmup:
            share = np.where(within < self.warmup, within.astype(np.float64) / self.warmup, share)
        return self._compute_rate(apply_each(partial(math.pow, self.decay), done.astype(np.float64)), share)

    def _find_cycles(self, last: int) -> tuple[np.ndarray, list[int]]:
        """Return the first update and the length of each cycle that has begun by update `last`."""
        starts, lengths = [0], [self.updates]
        while starts[-1] + lengths[-1] <= last:
            starts.append(starts[-1] + lengths[-1])
            lengths.append(lengths[-1] * self.growth)
        return np.array(starts, np.int64), lengths

    @property
    def horizon(self) -> int:
        """Return the length of the first cycle."""
        return self.updates

    @property
    def largest(self) -> float:
        """Return the larger one of `base_lr` and `final_lr`."""
        return max(self.base_lr, self.final_lr)
