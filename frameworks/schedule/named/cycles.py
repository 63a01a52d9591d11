"""The named kinds that climb to a peak and come down again: one-cycle, cyclic.

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
from frameworks.schedule.named.base import Named, Shape, between, between_updates
from frameworks.schedule.phases import Sequence, Warmup
from frameworks.schedule.rounds import Repeat
from frameworks.schedule.steps import Constant

if TYPE_CHECKING:
    from frameworks.schedule.union import Schedule


class OneCycle(Named):
    """Up to a peak, and down to far below where it began, in two or three phases; then held.

    phases 2:  base_lr to peak_lr from 0 to rise, to final_lr from rise to updates
    phases 3:  base_lr to peak_lr from 0 to rise, to base_lr from rise to 2 rise, to final_lr from there to updates
    t >= updates:  lr(t) = final_lr

    Each phase is half a cosine wave or a line (mode), and reaches the rates at both its ends: lr(rise) = peak_lr.
    base_lr, peak_lr, final_lr: rates. rise: updates to the peak, above 0, not necessarily a whole number: of a peak
    between two updates only its sides are applied. updates: the first update at final_lr; rise must be less, and less
    than half of it in three phases. Composed of a warm-up to the fall; of annealings if rise is not whole.

    Source: Smith and Topin 2017 (https://arxiv.org/abs/1708.07120), three phases of lines. How others spell it:
    torch's OneCycleLR(max_lr, total_steps=n, pct_start=p): base_lr = max_lr / div_factor, final_lr = base_lr /
      final_div_factor, updates = n - 1, rise = p n - 1, hence often no whole number; three_phase is phases 3. It raises
      an error where it is asked for more than n rates.
    paddle's OneCycleLR: the same lengths, and end_learning_rate is final_lr itself.
    optax.cosine_onecycle_schedule(n, peak, p): torch's rates, updates = n, rise = int(p n). The second phase of
      linear_onecycle_schedule has a length of its own, pct_final: see interpolated.
    fastai's fit_one_cycle: base_lr = lr_max / div, final_lr = lr_max / div_final, updates = n, rise = p n.
    Composer has none: LinearWithWarmup and CosineAnnealingWithWarmup are two phases, from 0.

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
    def _longer_than_its_rise(cls, updates: int, info: ValidationInfo) -> int:
        phases, rise = info.data.get("phases", 2), info.data.get("rise", 0.0)
        if updates <= (phases - 1) * rise:
            raise PydanticCustomError("rise", "must be more than {what} ({rise})", {
                "what": "rise" if phases == 2 else "twice rise", "rise": rise})
        return updates

    def _composition(self) -> Schedule:
        rise = math.floor(self.rise)
        if rise != self.rise:
            return self._between_updates()
        if self.phases == 2:
            fall = between(self.peak_lr, self.final_lr, self.updates - rise, self.mode)
        else:
            fall = Sequence(boundaries=[rise], parts=[
                between(self.peak_lr, self.base_lr, rise, self.mode),
                between(self.base_lr, self.final_lr, self.updates - 2 * rise, self.mode)])
        return Warmup(updates=rise, begin_lr=self.base_lr, mode=self.mode, then=fall)

    def _between_updates(self) -> Schedule:
        rates = (self.base_lr, self.peak_lr, *[self.base_lr] * (self.phases - 2), self.final_lr)
        ends = (*(self.rise * phase for phase in range(1, self.phases)), float(self.updates))
        return between_updates(rates, ends, self.mode)


class Cyclic(Named):
    """Up and down along lines between two rates, again and again; never ends.

    i = floor(t / (up + down)), s = t mod (up + down): the cycle and the updates made in it
    y = s / up if s <= up, else 1 - (s - up) / down
    mode "triangular":   lr(t) = low + (high - low) * y
    mode "triangular2":  lr(t) = low + (high - low) * y / 2^i
    mode "exp_range":    lr(t) = low + (high - low) * y * gamma^t

    low, high: rates, low <= high. up, down: updates, 1 or more; down is up if null. gamma: 1e-37 to 1, for "exp_range"
    only. Update `up` is the first at high. Composed of a repeat, which sinks by 1/2 in "triangular2"; of
    its product with an exponential in "exp_range". Its horizon is one cycle. Source: Smith 2015
    (https://arxiv.org/abs/1506.01186); torch's CyclicLR(base_lr, max_lr, step_size_up, step_size_down, mode, gamma).

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

    @field_validator("high")
    @classmethod
    def _not_below_low(cls, high: float, info: ValidationInfo) -> float:
        low = info.data.get("low", 0.0)
        if high < low:
            raise PydanticCustomError("high", "must be at least low ({low})", {"low": low})
        return high

    @field_validator("down")
    @classmethod
    def _countable(cls, down: int | None, info: ValidationInfo) -> int | None:
        up = info.data.get("up", 0)
        if up + (down or up) > MAX_COUNT:
            raise PydanticCustomError("cycle", "must be at most 2^53 together with up ({up})", {"up": up})
        return down

    @field_validator("gamma")
    @classmethod
    def _of_its_mode(cls, gamma: float, info: ValidationInfo) -> float:
        if gamma != 1 and info.data.get("mode", "exp_range") != "exp_range":
            raise PydanticCustomError("gamma", "must be 1, but for the mode 'exp_range'")
        return gamma

    def _composition(self) -> Schedule:
        down = self.down or self.up
        if self.mode != "exp_range" or self.gamma == 1:
            sinks: dict[str, Any] = {"decay": 0.5, "min_lr": self.low} if self.mode == "triangular2" else {}
            return Repeat(updates=self.up + down, of=self._triangle(self.low, self.high), **sinks)
        waves = Repeat(updates=self.up + down, of=self._triangle(0.0, self.high - self.low))
        sinking = Product(of=[waves, Exponential(base_lr=1.0, factor=self.gamma, updates=1)])
        return Sum(of=[Constant(base_lr=self.low), sinking]) if self.low else sinking

    def _triangle(self, low: float, high: float) -> Schedule:
        return Warmup(updates=self.up, begin_lr=low, then=between(high, low, self.down or self.up, "linear"))
