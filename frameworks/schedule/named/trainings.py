"""Defines Noam and WSD (warm-up, stable, decay), the kinds for large models.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, Strict, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from frameworks.schedule.annealing import Annealing
from frameworks.schedule.clocks import Shift
from frameworks.schedule.curves import InverseSquareRoot
from frameworks.schedule.fields import MAX_COUNT, MIN_POSITIVE, Count, CountFromZero, Number, Rate
from frameworks.schedule.named.base import Named, Shape, build_curve
from frameworks.schedule.phases import Sequence, Warmup
from frameworks.schedule.steps import Constant

if TYPE_CHECKING:
    from frameworks.schedule.union import Schedule

#: The number of the first update, 0 or 1: libraries differ.
First = Annotated[int, Strict(), Field(ge=0, le=1), Number]


class Noam(Named):
    """Increases the rate along a line, then decreases it as an inverse square root, without an end.

        n = t + first
        lr(t) = factor * d_model^-1/2 * min(n^-1/2, n * warmup^-3/2)

    d_model: width of the model, 1 or more.
    warmup: updates, 1 or more; the peak, factor / sqrt(d_model * warmup), is at n = warmup.
    factor: multiplies the rates, without a unit, 0 or more (default: 1).
    first: number of the first update, 1 as in the paper or 0 as in paddle's NoamDecay (default: 1). With 0, the first
      rate is 0.

    Composed of a warm-up to an inverse square root of timescale warmup, shifted by 1 if first is 1.
    Source: "Attention is all you need", Vaswani et al. 2017, section 5.3 (https://arxiv.org/abs/1706.03762); paddle's
      NoamDecay.

    >>> rate = Noam(d_model=64, warmup=4)
    >>> rate.lr(0), rate.lr(1), rate.lr(3), rate.lr(15)
    (0.015625, 0.03125, 0.0625, 0.03125)
    >>> Noam(d_model=64, warmup=4, first=0).lr(0), Noam(d_model=64, warmup=4, first=0).lr(4)
    (0.0, 0.0625)
    """

    kind: Literal["noam"] = "noam"
    d_model: Count
    warmup: Count
    factor: Rate = 1.0
    first: First = 1
    example = {"d_model": 64, "warmup": 15}

    def _compose(self) -> Schedule:
        peak = self.factor / math.sqrt(self.d_model * self.warmup)
        whole = Warmup(updates=self.warmup, then=InverseSquareRoot(base_lr=peak, timescale=float(self.warmup)))
        return Shift(by=1, of=whole) if self.first else whole


class Wsd(Named):
    """Warms up, holds the rate, decays it, and then holds the last rate.

        t < warmup:            lr(t) = begin_lr + (base_lr - begin_lr) * (t + warmup_from) / warmup, if "linear"
        t < warmup + stable:   lr(t) = base_lr
        afterwards, with y = min(1, (t - warmup - stable + decay_from) / decay), the part of the decay that has passed:
          tail "linear":          lr(t) = final_lr + (base_lr - final_lr) * (1 - y)
          tail "cosine":          lr(t) = final_lr + (base_lr - final_lr) * (1 + cos(pi y)) / 2
          tail "one_minus_sqrt":  lr(t) = final_lr + (base_lr - final_lr) * (1 - y^1/2)
          tail "square":          lr(t) = final_lr + (base_lr - final_lr) * (1 - y^2)
          tail "exponential":     lr(t) = base_lr^(1 - y) * final_lr^y

    tail: shape of the decay, as above (default: "linear").
    base_lr: rate of the stable phase, 0 or more; at least 1e-37 for "exponential".
    begin_lr: start of the warm-up, 0 or more (default: 0).
    final_lr: end of the decay, with the same range as base_lr (default: 0, which "exponential" rejects).
    warmup: updates of the warm-up, 0 or more.
    stable: updates at base_lr after it, 0 or more; warmup + stable, where the tail begins, is at most 2^53.
    decay: updates of the decay, 1 or more.
    warmup_mode: shape of the warm-up, "linear" or "cosine" for half a cosine period (default: "linear").
    warmup_from: 0 if the first update applies begin_lr. 1 if it is one step further, so that update warmup - 1 is the
      first at base_lr (default: 0).
    decay_from: 0 if update warmup + stable still applies base_lr. 1 if it is one step further, so that update
      warmup + stable + decay - 1 is the first at final_lr (default: 0).

    Composed of a sequence of a warm-up to a constant and the tail.
    Source: Hu et al. 2024, MiniCPM (https://arxiv.org/abs/2404.06395); the tails are from Hägele et al. 2024
      (https://arxiv.org/abs/2405.18392).

    In other libraries:

    - Hugging Face's get_wsd_schedule counts both from 0. Its min_lr_ratio is the start of the warm-up too: begin_lr =
      final_lr. Its warmup_type "1-sqrt" is an annealing of power 1/2, in a sequence.
    - timm's WSDLRScheduler(t_initial=n, decay_t=d, warmup_t=w): warmup w, stable n - d, decay d. Its decay_fn "power"
      with decay_power 2 is "square".
    - llm.c warms up by (step + 1) / warmup: warmup_from 1, decay_from 0.

    >>> plan = Wsd(base_lr=1.0, warmup=4, stable=3, decay=4)
    >>> plan.lr(0), plan.lr(3), plan.lr(4), plan.lr(7), plan.lr(8), plan.lr(11)
    (0.0, 0.75, 1.0, 1.0, 0.75, 0.0)
    >>> root = Wsd(base_lr=1.0, warmup=4, stable=3, decay=4, tail="one_minus_sqrt", warmup_from=1, decay_from=1)
    >>> root.lr(0), root.lr(3), root.lr(6), root.lr(7), root.lr(10)
    (0.25, 1.0, 1.0, 0.5, 0.0)
    """

    kind: Literal["wsd"] = "wsd"
    tail: Literal["linear", "cosine", "one_minus_sqrt", "square", "exponential"] = "linear"
    base_lr: Rate
    begin_lr: Rate = 0.0
    final_lr: Rate = Field(0.0, validate_default=True)
    warmup: CountFromZero
    stable: CountFromZero
    decay: Count
    warmup_mode: Shape = "linear"
    warmup_from: First = 0
    decay_from: First = 0
    example = {"base_lr": 0.3, "warmup": 5, "stable": 20, "decay": 20, "tail": "one_minus_sqrt"}

    @field_validator("base_lr", "final_lr")
    @classmethod
    def _fit_for_an_exponential(cls, rate: float, info: ValidationInfo) -> float:
        if info.data.get("tail") == "exponential" and rate < MIN_POSITIVE:
            raise PydanticCustomError("exponential", "must be at least {least} for the tail 'exponential'",
                                      {"least": MIN_POSITIVE})
        return rate

    @field_validator("stable")
    @classmethod
    def _check_stable(cls, stable: int, info: ValidationInfo) -> int:
        warmup = info.data.get("warmup", 0)
        if warmup + stable > MAX_COUNT:
            raise PydanticCustomError("stable", "must be at most 2^53 together with warmup ({warmup})",
                                      {"warmup": warmup})
        return stable

    def _compose(self) -> Schedule:
        first: Schedule = Constant(base_lr=self.base_lr)
        if self.warmup:
            first = Warmup(updates=self.warmup, begin_lr=self.begin_lr, mode=self.warmup_mode, then=first)
            first = Shift(by=1, of=first) if self.warmup_from else first
        tail = Shift(by=1, of=self._build_tail()) if self.decay_from else self._build_tail()
        start = self.warmup + self.stable
        return Sequence(parts=[first, tail], boundaries=[start]) if start else tail

    def _build_tail(self) -> Schedule:
        if self.tail in ("linear", "cosine"):
            return build_curve(self.base_lr, self.final_lr, self.decay, self.tail)
        bent = {"one_minus_sqrt": 0.5, "square": 2.0, "exponential": 1.0}[self.tail]
        return Annealing(shape="exponential" if self.tail == "exponential" else "linear", elapsed_power=bent,
                         base_lr=self.base_lr, final_lr=self.final_lr, updates=float(self.decay))
