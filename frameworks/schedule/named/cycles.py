"""Defines one-cycle and cyclic, which increase to a peak and decrease again.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, Strict, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from frameworks.schedule.annealing import Length
from frameworks.schedule.combinations import Product, Sum
from frameworks.schedule.exponential import Exponential
from frameworks.schedule.fields import MAX_COUNT, MIN_POSITIVE, Count, Number, Rate
from frameworks.schedule.model import build_bound_check
from frameworks.schedule.named.base import Named, Shape, build_curve, build_curves
from frameworks.schedule.phases import Sequence, Warmup
from frameworks.schedule.rounds import Repeat
from frameworks.schedule.steps import Constant

if TYPE_CHECKING:
    from frameworks.schedule.union import Schedule


class OneCycle(Named):
    """Moves the rate to a peak and down to a last rate, in two or three phases; then holds it.

        phases 2:  base_lr to peak_lr from 0 to rise, to final_lr from rise to updates
        phases 3:  base_lr to peak_lr from 0 to rise, to base_lr from rise to 2 rise, to final_lr from there to updates
        t >= updates:  lr(t) = final_lr

    base_lr: rate at `t = 0`, 0 or more.
    peak_lr: rate at `t = rise`, 0 or more.
    final_lr: rate from update `updates` on, 0 or more (default: 0).
    phases: 2 or 3 (default: 2).
    rise: updates until the peak, not necessarily whole, 1e-37 or more. A peak between two updates is not applied.
    updates: first update at final_lr; more than `rise`, or than twice `rise` in three phases.
    mode: shape of each phase, "cosine" for half a cosine period or "linear" (default: "cosine").

    Each phase reaches the rates at both its ends. Composed of a warm-up and the phases after it; of annealings if
    `rise` is not whole.
    Source: Smith and Topin 2017 (https://arxiv.org/abs/1708.07120), three phases of lines.

    In other libraries:

    - torch's OneCycleLR(max_lr, total_steps=n, pct_start=p): base_lr = max_lr / div_factor, final_lr = base_lr /
      final_div_factor, updates = n - 1, `rise` = p n - 1, hence often not whole. Its three_phase is phases 3. It raises
      an error after n rates.
    - paddle's OneCycleLR: the same lengths; end_learning_rate is final_lr itself.
    - optax.cosine_onecycle_schedule(n, peak, p): torch's rates, updates = n, `rise` = int(p n). The second phase of
      linear_onecycle_schedule has a separate length, pct_final: see interpolated.
    - fastai's fit_one_cycle: base_lr = lr_max / div, final_lr = lr_max / div_final, updates = n, `rise` = p n.
    - Composer: only LinearWithWarmup and CosineAnnealingWithWarmup, with two phases, from 0.

    >>> up = OneCycle(base_lr=0.25, peak_lr=1.0, final_lr=0.0, rise=3, updates=7, mode="linear")
    >>> up.lr(0), up.lr(2), up.lr(3), up.lr(4), up.lr(7), up.lr(8)
    (0.25, 0.75, 1.0, 0.75, 0.0, 0.0)
    >>> three = OneCycle(base_lr=0.25, peak_lr=1.0, final_lr=0.0, phases=3, rise=1.5, updates=5, mode="linear")
    >>> three.lr(1), three.lr(2), three.lr(3), three.lr(4), three.lr(5)
    (0.75, 0.75, 0.25, 0.125, 0.0)
    """

    kind: Literal["one_cycle"] = "one_cycle"
    base_lr: Rate
    peak_lr: Rate
    final_lr: Rate = 0.0
    phases: Literal[2, 3] = 2
    rise: Length
    updates: Count
    mode: Shape = "cosine"
    example = {"base_lr": 0.02, "peak_lr": 0.5, "final_lr": 0.002, "rise": 14, "updates": 49}

    @field_validator("updates")
    @classmethod
    def _check_updates(cls, updates: int, info: ValidationInfo) -> int:
        phases, rise = info.data.get("phases", 2), info.data.get("rise", 0.0)
        if updates <= (phases - 1) * rise:
            raise PydanticCustomError("rise", "must be more than {what} ({rise})", {
                "what": "rise" if phases == 2 else "twice rise", "rise": rise})
        return updates

    def _compose(self) -> Schedule:
        rise = math.floor(self.rise)
        if rise != self.rise:
            return self._compose_between_updates()
        if self.phases == 2:
            fall = build_curve(self.peak_lr, self.final_lr, self.updates - rise, self.mode)
        else:
            fall = Sequence(boundaries=[rise], parts=[
                build_curve(self.peak_lr, self.base_lr, rise, self.mode),
                build_curve(self.base_lr, self.final_lr, self.updates - 2 * rise, self.mode)])
        return Warmup(updates=rise, begin_lr=self.base_lr, mode=self.mode, then=fall)

    def _compose_between_updates(self) -> Schedule:
        rates = (self.base_lr, self.peak_lr, *[self.base_lr] * (self.phases - 2), self.final_lr)
        ends = (*(self.rise * phase for phase in range(1, self.phases)), float(self.updates))
        return build_curves(rates, ends, self.mode)


class Cyclic(Named):
    """Increases and decreases the rate along lines between two rates, in cycles without an end.

        i = floor(t / (up + down)), s = t mod (up + down): the number of the cycle and the updates made in it
        y = s / up if s <= up, else 1 - (s - up) / down
        mode "triangular":   lr(t) = low + (high - low) * y
        mode "triangular2":  lr(t) = low + (high - low) * y / 2^i
        mode "exp_range":    lr(t) = low + (high - low) * y * gamma^t

    low: lowest rate, 0 or more.
    high: highest rate of the first cycle, at least low.
    up: updates from low to high, 1 or more; update `up` is the first at high.
    down: updates from high to low, 1 or more (default: null, the same as up). up + down is at most 2^53.
    mode: "triangular", "triangular2" or "exp_range" (default: "triangular").
    gamma: factor of the height for each update, 1e-37 to 1; must be 1 unless the mode is "exp_range" (default: 1).

    Its horizon is one cycle. Composed of a repeat, with a decay of 1/2 in "triangular2". In "exp_range", the repeat is
    multiplied by an exponential.
    Source: Smith 2015 (https://arxiv.org/abs/1506.01186); torch's CyclicLR(base_lr, max_lr, step_size_up,
      step_size_down, mode, gamma).

    >>> waves = Cyclic(low=0.25, high=0.75, up=2, mode="triangular2")
    >>> waves.lr(0), waves.lr(1), waves.lr(2), waves.lr(4), waves.lr(6), waves.lr(10)
    (0.25, 0.5, 0.75, 0.25, 0.5, 0.375)
    """

    kind: Literal["cyclic"] = "cyclic"
    low: Rate
    high: Rate
    up: Count
    down: Annotated[Count | None, Field(validate_default=True)] = None
    mode: Literal["triangular", "triangular2", "exp_range"] = "triangular"
    gamma: Annotated[float, Strict(), Field(ge=MIN_POSITIVE, le=1, allow_inf_nan=False), Number] = 1.0
    example = {"low": 0.1, "high": 0.5, "up": 8, "mode": "triangular2"}
    _check_high = build_bound_check("high", "low", "high")

    @field_validator("down")
    @classmethod
    def _check_down(cls, down: int | None, info: ValidationInfo) -> int | None:
        up = info.data.get("up", 0)
        if up + (down or up) > MAX_COUNT:
            raise PydanticCustomError("cycle", "must be at most 2^53 together with up ({up})", {"up": up})
        return down

    @field_validator("gamma")
    @classmethod
    def _check_gamma(cls, gamma: float, info: ValidationInfo) -> float:
        if gamma != 1 and info.data.get("mode", "exp_range") != "exp_range":
            raise PydanticCustomError("gamma", "must be 1 unless the mode is 'exp_range'")
        return gamma

    def _compose(self) -> Schedule:
        down = self.down or self.up
        if self.mode != "exp_range" or self.gamma == 1:
            sinks: dict[str, Any] = {"decay": 0.5, "min_lr": self.low} if self.mode == "triangular2" else {}
            return Repeat(updates=self.up + down, of=self._build_triangle(self.low, self.high), **sinks)
        waves = Repeat(updates=self.up + down, of=self._build_triangle(0.0, self.high - self.low))
        sinking = Product(of=[waves, Exponential(base_lr=1.0, factor=self.gamma, updates=1)])
        return Sum(of=[Constant(base_lr=self.low), sinking]) if self.low else sinking

    def _build_triangle(self, low: float, high: float) -> Schedule:
        return Warmup(updates=self.up, begin_lr=low, then=build_curve(high, low, self.down or self.up, "linear"))
