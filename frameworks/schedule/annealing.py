"""The kinds with a curve of any bend: annealing, power law.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, Strict, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from frameworks.schedule.arrays import each
from frameworks.schedule.fields import MAX_COUNT, MIN_POSITIVE, Number, Positive, Rate, ScheduleModel

#: A length of time in updates, which may end between two of them.
Length = Annotated[float, Strict(), Field(ge=MIN_POSITIVE, le=MAX_COUNT, allow_inf_nan=False), Number]
#: A time that has passed, in updates: 0 or more.
Passed = Annotated[float, Strict(), Field(ge=0, le=MAX_COUNT, allow_inf_nan=False), Number]
#: A function of many numbers at once.
Vector = Callable[[np.ndarray], np.ndarray]


class Annealing(ScheduleModel):
    """From one rate to another along a line, a cosine or an exponential, bent by a power; then held.

    y = ((t + elapsed) / updates)^elapsed_power, the part of the curve that has passed
    t + elapsed < updates:  "linear":       lr(t) = final_lr + (base_lr - final_lr) * (1 - y)^power
                            "cosine":       lr(t) = final_lr + (base_lr - final_lr) * ((1 + cos(pi y)) / 2)^power
                            "exponential":  lr(t) = base_lr^(1 - y) * final_lr^y
    otherwise:              lr(t) = final_lr

    base_lr, final_lr: rates, either the larger; exactly base_lr at y = 0. With "exponential" both are at least 1e-37,
    and power is 1. updates: until final_lr is reached, not necessarily whole: 6.5 is held from update 7 on. elapsed: in
    updates, what of them has passed at t = 0. power, elapsed_power: above 0; 1 bends nothing.

    Computed from the nearer end, so that neither 1 - y at its end nor a rise from nearly nothing loses digits.

    Source: elapsed_power is k of k-decay (Zhang and Li 2020, https://arxiv.org/abs/2004.05909, timm's k_decay), which
    is 1/2 in the "1 - sqrt" tail of warm-up, stable, decay (Hägele et al. 2024, https://arxiv.org/abs/2405.18392);
    power is the exponent of optax.cosine_decay_schedule. torch's OneCycleLR has phases that end between two updates.

    >>> bent = Annealing(base_lr=1.0, shape="linear", elapsed_power=0.5, updates=4)
    >>> bent.lr(0), bent.lr(1), bent.lr(4), bent.lr(5)
    (1.0, 0.5, 0.0, 0.0)
    >>> late = Annealing(base_lr=0.0, final_lr=0.75, shape="cosine", updates=1.5, elapsed=0.5)
    >>> round(late.lr(0), 9), late.lr(1), late.lr(2)
    (0.1875, 0.75, 0.75)
    """

    kind: Literal["annealing"] = "annealing"
    shape: Literal["linear", "cosine", "exponential"]
    base_lr: Rate
    final_lr: Rate = Field(0.0, validate_default=True)
    power: Positive = 1.0
    elapsed_power: Positive = 1.0
    updates: Length
    elapsed: Passed = 0.0
    example = {"shape": "cosine", "base_lr": 0.3, "final_lr": 0.01, "elapsed_power": 1.5, "updates": 20.0}

    @field_validator("base_lr", "final_lr", "power")
    @classmethod
    def _fit_for_an_exponential(cls, value: float, info: ValidationInfo) -> float:
        if info.data.get("shape") == "exponential":
            if info.field_name == "power" and value != 1:
                raise PydanticCustomError("power", "must be 1 for the shape 'exponential'")
            if value < MIN_POSITIVE:
                raise PydanticCustomError("exponential", "must be at least {least} for the shape 'exponential'",
                                          {"least": MIN_POSITIVE})
        return value

    def _at(self, t: int) -> float:
        return float(self._over(np.array([t], np.int64))[0])

    def _over(self, t: np.ndarray) -> np.ndarray:
        passed = t.astype(np.float64) + self.elapsed
        rates = np.where(passed < self.updates, self.base_lr, self.final_lr)
        under_way = (passed / self.updates > 0) & (passed < self.updates)
        rates[under_way] = self._under_way(passed[under_way])
        return rates

    def _under_way(self, passed: np.ndarray) -> np.ndarray:
        """The rates strictly between the ends, from y where that is at most 1/2 (near) and from 1 - y elsewhere."""
        y, left = passed / self.updates, (self.updates - passed) / self.updates
        near = y <= 0.5 ** (1 / self.elapsed_power)
        part = np.where(near, y, left)
        if self.elapsed_power != 1:
            logs = _either(y[~near] <= 0.5, np.where(y <= 0.5, y, left)[~near], _log, _log_of_rest)
            part[near] = each(math.pow, y[near], self.elapsed_power)
            part[~near] = _one_less_exp(self.elapsed_power * logs)
        if self.shape == "exponential":
            first, last = self.base_lr, self.final_lr
            return _either(near, part, lambda y: first * each(partial(math.pow, last / first), y),
                           lambda left: last * each(partial(math.pow, first / last), left))
        if self.shape == "cosine":
            part = each(math.sin, math.pi / 2 * part) ** 2
        rises = self.final_lr > self.base_lr
        if self.power == 1:
            share = np.where(near == rises, part, 1 - part)
        else:
            logs = self.power * _either(near, part, _log_of_rest, _log)
            share = _one_less_exp(logs) if rises else each(math.exp, logs)
        if rises:
            return self.base_lr + (self.final_lr - self.base_lr) * share
        return self.final_lr + (self.base_lr - self.final_lr) * share

    @property
    def horizon(self) -> int:
        t = max(math.ceil(self.updates - self.elapsed), 0)
        return t - (t > 0 and t - 1 + self.elapsed >= self.updates)

    @property
    def largest(self) -> float:
        return max(self.base_lr, self.final_lr)


class PowerLaw(ScheduleModel):
    """Falls as a power of time; never ends.

    lr(t) = base_lr * (timescale / (t + timescale))^power

    base_lr: rate. timescale: updates, a positive number; `t = timescale` gives base_lr / 2^power. power: above 0; 1/2
    is inverse_square_root, 1 is inverse_time. Source: the power scheduler (Shen et al. 2024,
    https://arxiv.org/abs/2408.13359) without its bounds; Robbins and Monro 1951, where a power above 1/2 and at most 1
    converges.

    >>> falling = PowerLaw(base_lr=0.8, timescale=10.0, power=2.0)
    >>> falling.lr(0), round(falling.lr(10), 9), round(falling.lr(30), 9)
    (0.8, 0.2, 0.05)
    """

    kind: Literal["power_law"] = "power_law"
    base_lr: Rate
    timescale: Positive = 1.0
    power: Positive
    example = {"base_lr": 0.3, "timescale": 20.0, "power": 1.5}
    formula = "base_lr * (timescale / (t + timescale)) ** power"

    def _at(self, t: int) -> float:
        return self.base_lr * math.exp(-self.power * math.log1p(float(t) / self.timescale))

    def _over(self, t: np.ndarray) -> np.ndarray:
        logs = -self.power * each(math.log1p, t.astype(np.float64) / self.timescale)
        return self.base_lr * each(math.exp, logs)

    @property
    def horizon(self) -> int:
        return 0

    @property
    def largest(self) -> float:
        return self.base_lr


def _either(near: np.ndarray, values: np.ndarray, first: Vector, second: Vector) -> np.ndarray:
    """`first` of the values where `near`, `second` of the others."""
    results = np.empty_like(values)
    results[near], results[~near] = first(values[near]), second(values[~near])
    return results


def _log(part: np.ndarray) -> np.ndarray:
    return each(math.log, part)


def _log_of_rest(part: np.ndarray) -> np.ndarray:
    return each(math.log1p, -part)


def _one_less_exp(logs: np.ndarray) -> np.ndarray:
    return -each(math.expm1, logs)
