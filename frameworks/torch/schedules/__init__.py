"""Builds a `torch.optim.lr_scheduler.LRScheduler` from a specification."""

from __future__ import annotations

import math
from operator import index
from types import SimpleNamespace
from typing import Any

import numpy
from torch.optim import Optimizer
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LRScheduler,
    MultiStepLR,
    StepLR,
)

from frameworks.schedule import Schedule, expand
from frameworks.torch.manual import _Stepper
from frameworks.torch.schedules import (  # noqa: F401  (they register the kinds)
    annealing,
    clocks,
    combinations,
    curves,
    cycles,
    phases,
    rates,
    rounds,
    steps,
)
from frameworks.torch.schedules.rule import rule


class Specified(_Stepper, LRScheduler):
    """Writes the rate of a schedule into every group of an optimizer, and replaces the rates of the groups.

    Based on torch.optim.lr_scheduler.LRScheduler. Differs: computes every rate from `last_epoch`, never from a rate in
    a group, and rounds it to float32, since torch applies a float64 rate to float64 weights unrounded. A group may have
    an `lr_mult`, as a Gluon parameter has: `{"params": ..., "lr_mult": 0.1}` gets a tenth of the rate. `state_dict`
    holds plain numbers, not the schedule; `load_state_dict` writes the rate of the next update into the groups.
    frameworks/PROMISES.md lists what happens at each event.

    optimizer: the optimizer, with its groups.
    schedule: the schedule.
    last_epoch: the number of updates already made, minus 1 (default: -1).
    settings: arguments of a built-in class that a subclass inherits (default: none).

    Raises TypeError if a group's rate is in a tensor that is neither float32 nor float64.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L95
    """

    def __init__(self, optimizer: Optimizer, schedule: Schedule, last_epoch: int = -1, **settings: Any) -> None:
        self.schedule = schedule
        self._prepare()
        self._rate = math.nan
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        self.optimizer = optimizer
        self._attach()
        super().__init__(optimizer, last_epoch=last_epoch, **settings)

    def _prepare(self) -> None:
        self._rules = rule(expand(self.schedule))

    def _compute_rates(self) -> list[float]:
        t = index(self.last_epoch)
        if t != self._counted:
            self._rate = self._step_rate() if t - 1 == self._counted else self._jump(t)
            self._counted = t
        rate = float(numpy.float32(self._rate))
        return [float(numpy.float32(rate * group.get("lr_mult", 1.0))) for group in self.optimizer.param_groups]

    def _step_rate(self) -> float:
        """Return the float64 rate of the update after the one that `_rate` is for."""
        return self._rules(self.last_epoch)

    def _jump(self, t: int) -> float:
        """Return the float64 rate of any update."""
        return self._rules(t)

    def state_dict(self) -> dict[str, Any]:
        """Return the counts and the rates as plain numbers; `is_current`: the groups have this scheduler's rates."""
        return {"last_epoch": self.last_epoch, "_step_count": self._step_count, "_rate": self._rate,
                "_last_lr": [float(rate) for rate in self._last_lr], "is_current": self._describe_change() is None}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue at the count of a state, with this scheduler's schedule; write the rate of the next update.

        state_dict: what `state_dict` of this or a built-in scheduler returned, also one of another schedule.

        Raises ValueError if it has no last_epoch.
        """
        if "last_epoch" not in state_dict:
            raise ValueError(f"the state of a scheduler must have last_epoch, got {', '.join(state_dict) or 'nothing'}")
        self.last_epoch, self._counted = index(state_dict["last_epoch"]), None
        self._step_count = state_dict.get("_step_count", self.last_epoch + 1)
        if self.last_epoch < 0 or not state_dict.get("is_current", True):  # another scheduler of a SequentialLR is
            self._note([math.nan] * len(self.optimizer.param_groups))
            return
        self._is_loaded, self._rate, self._counted = True, self._jump(self.last_epoch), self.last_epoch
        saved = state_dict.get("_rate", math.nan)
        if math.isclose(saved, self._rate, rel_tol=8 * 2.0**-53):  # a product of a built-in class, not a power
            self._rate = saved
        self._write()


class _BuiltIn(Specified):
    """Computes each next rate with a built-in class, in float64, as with one group and a rate that is a number."""

    def __init__(self, optimizer: Optimizer, schedule: Schedule, base_lr: float, **settings: Any) -> None:
        self._base_lr = base_lr
        super().__init__(optimizer, schedule, **settings)

    def _step_rate(self) -> float:
        kept = {"optimizer": self.optimizer, "base_lrs": self.base_lrs}
        try:
            self.__dict__.update(optimizer=SimpleNamespace(param_groups=[{"lr": self._rate}]), base_lrs=[self._base_lr])
            (rate,) = super(_Stepper, self).get_lr()
        finally:
            self.__dict__.update(kept)
        return float(rate)


class _ConstantLR(_BuiltIn, ConstantLR): ...


class _CosineAnnealingWarmRestarts(_BuiltIn, CosineAnnealingWarmRestarts):
    def step(self, epoch: int | None = None) -> None:
        if epoch is None:
            super().step()
        else:  # torch computes the cycle by a logarithm, which is 1 off where some begin
            LRScheduler.step(self, epoch)

    def _jump(self, t: int) -> float:
        self.T_cur, self.T_i = (t % self.T_0, self.T_0) if self.T_mult == 1 else (t, self.T_0)
        while self.T_cur >= self.T_i:
            self.T_cur, self.T_i = self.T_cur - self.T_i, self.T_i * self.T_mult
        return super()._jump(t)


class _ExponentialLR(_BuiltIn, ExponentialLR): ...


class _MultiStepLR(_BuiltIn, MultiStepLR): ...


class _StepLR(_BuiltIn, StepLR): ...


_BUILT_IN = {ConstantLR: _ConstantLR, CosineAnnealingWarmRestarts: _CosineAnnealingWarmRestarts,
             ExponentialLR: _ExponentialLR, MultiStepLR: _MultiStepLR, StepLR: _StepLR}


def build(schedule: Schedule, optimizer: Optimizer) -> Specified:
    """Return a scheduler of an optimizer, at its first update; it inherits torch's built-in class where that is exact.

    It replaces the rates of the groups. Call its `step()` after every `optimizer.step()`. frameworks/PROMISES.md lists
    what happens when states are loaded, groups are added or the rate is changed.

    schedule: the schedule.
    optimizer: the optimizer, with its groups.

    Raises TypeError if `schedule` is not a schedule, or if a rate is in a tensor that is neither float32 nor float64.
    """
    if (built_in := steps.find_built_in(expand(schedule))) is None:
        return Specified(optimizer, schedule)
    cls, base_lr, settings = built_in
    return _BUILT_IN[cls](optimizer, schedule, base_lr, **settings)


def replace_schedule(scheduler: Specified, schedule: Schedule) -> Specified:
    """Return a scheduler that continues a training with another schedule, and write the rate of the next update.

    scheduler: the training's scheduler, of `build`; step the returned one from now on.
    schedule: the other schedule; `t` is still the number of updates since the training began.

    Raises TypeError if `schedule` is not a schedule.
    """
    state = scheduler.state_dict()
    replaced = build(schedule, scheduler.optimizer)
    replaced.load_state_dict({**state, "is_current": True})
    return replaced
