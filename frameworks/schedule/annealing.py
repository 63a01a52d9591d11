"""Defines annealing and power law: curves with exponents.

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

from frameworks.schedule.arrays import apply_each
from frameworks.schedule.fields import MAX_COUNT, MIN_POSITIVE, Number, Positive, Rate, ScheduleModel

#: A length in updates, 1e-37 to 2^53, not necessarily whole.
Length = Annotated[float, Strict(), Field(ge=MIN_POSITIVE, le=MAX_COUNT, allow_inf_nan=False), Number]
#: A time that has passed, in updates: 0 to 2^53, not necessarily whole.
Passed = Annotated[float, Strict(), Field(ge=0, le=MAX_COUNT, allow_inf_nan=False), Number]
#: A function of an array.
Vector = Callable[[np.ndarray], np.ndarray]


class Annealing(ScheduleModel):
    """Moves the rate to `final_lr` along a line, a cosine or an exponential, bent by exponents; then holds it.

        y = ((t + elapsed) / updates)^elapsed_power, the part of the curve that has passed
        t + elapsed < updates:  "linear":       lr(t) = final_lr + (base_lr - final_lr) * (1 - y)^power
                                "cosine":       lr(t) = final_lr + (base_lr - final_lr) * ((1 + cos(pi y)) / 2)^power
                                "exponential":  lr(t) = base_lr^(1 - y) * final_lr^y
        otherwise:              lr(t) = final_lr

    shape: "linear", "cosine" or "exponential".
    base_lr: rate at y = 0, 0 or more; at least 1e-37 for "exponential".
    final_lr: rate at the end, with the same range; it may be above base_lr (default: 0, which "exponential" rejects).
    power: exponent of the shape, 1e-37 or more; must be 1 for "exponential" (default: 1).
    elapsed_power: exponent of the time that has passed, 1e-37 or more (default: 1).
    updates: length in updates, not necessarily whole, 1e-37 or more; with 6.5, update 7 is the first at final_lr.
    elapsed: part of the length that has passed at `t = 0`, in updates, not necessarily whole, 0 or more (default: 0).

    Each rate is computed from the nearer end, so that small differences from it lose no digits.
    Source: k-decay (https://arxiv.org/abs/2004.05909, Zhang and Li 2020; timm's k_decay), whose k is elapsed_power. k
      is 1/2 in the "1 - sqrt" tail of warm-up, stable, decay (Hägele et al. 2024, https://arxiv.org/abs/2405.18392).
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

    def _compute_at(self, t: int) -> float:
        return float(self._compute_over(np.array([t], np.int64))[0])

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        passed = t.astype(np.float64) + self.elapsed
        rates = np.where(passed < self.updates, self.base_lr, self.final_lr)
        under_way = (passed / self.updates > 0) & (passed < self.updates)
        rates[under_way] = self._compute_under_way(passed[under_way])
        return rates

    def _compute_under_way(self, passed: np.ndarray) -> np.ndarray:
        """Return the rates between the ends, from y where it is at most 1/2 (near), from 1 - y elsewhere."""
        y, left = passed / self.updates, (self.updates - passed) / self.updates
        near = y <= 0.5 ** (1 / self.elapsed_power)
        part = np.where(near, y, left)
        if self.elapsed_power != 1:
            logs = _compute_either(y[~near] <= 0.5, np.where(y <= 0.5, y, left)[~near], _log, _log_of_rest)
            part[near] = apply_each(math.pow, y[near], self.elapsed_power)
            part[~near] = _one_less_exp(self.elapsed_power * logs)
        if self.shape == "exponential":
            first, last = self.base_lr, self.final_lr
            return _compute_either(near, part, lambda y: first * apply_each(partial(math.pow, last / first), y),
                                   lambda left: last * apply_each(partial(math.pow, first / last), left))
        if self.shape == "cosine":
            part = apply_each(math.sin, math.pi / 2 * part) ** 2
        rises = self.final_lr > self.base_lr
        if self.power == 1:
            share = np.where(near == rises, part, 1 - part)
        else:
            logs = self.power * _compute_either(near, part, _log_of_rest, _log)
            share = _one_less_exp(logs) if rises else apply_each(math.exp, logs)
        if rises:
            return self.base_lr + (self.final_lr - self.base_lr) * share
        return self.final_lr + (self.base_lr - self.final_lr) * share

    @property
    def horizon(self) -> int:
        """Return the first update at the end."""
        t = max(math.ceil(self.updates - self.elapsed), 0)
        return t - (t > 0 and t - 1 + self.elapsed >= self.updates)

    @property
    def largest(self) -> float:
        """Return the larger one of `base_lr` and `final_lr`."""
        return max(self.base_lr, self.final_lr)


class PowerLaw(ScheduleModel):
    """Decreases the rate as a power of time, without an end.

        lr(t) = base_lr * (timescale / (t + timescale))^power

    base_lr: rate at `t = 0`, 0 or more.
    timescale: updates after which the rate is base_lr / 2^power, not necessarily whole, 1e-37 or more (default: 1).
    power: exponent, 1e-37 or more; 1/2 is inverse_square_root, 1 is inverse_time.
    Source: the power scheduler (Shen et al. 2024, https://arxiv.org/abs/2408.13359) without its bounds. Robbins and
      Monro 1951, where powers above 1/2 and at most 1 converge.

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

    def _compute_at(self, t: int) -> float:
        return self.base_lr * math.exp(-self.power * math.log1p(float(t) / self.timescale))

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        logs = -self.power * apply_each(math.log1p, t.astype(np.float64) / self.timescale)
        return self.base_lr * apply_each(math.exp, logs)

    @property
    def horizon(self) -> int:
        """Return 0: the formula has one case."""
        return 0

    @property
    def largest(self) -> float:
        """Return `base_lr`."""
        return self.base_lr


def _compute_either(near: np.ndarray, values: np.ndarray, first: Vector, second: Vector) -> np.ndarray:
    """Return `first` of the values where `near`, and `second` of the others."""
    results = np.empty_like(values)
    results[near], results[~near] = first(values[near]), second(values[~near])
    return results


def _log(part: np.ndarray) -> np.ndarray:
    """Return log(part)."""
    return apply_each(math.log, part)


def _log_of_rest(part: np.ndarray) -> np.ndarray:
    """Return log(1 - part)."""
    return apply_each(math.log1p, -part)


def _one_less_exp(logs: np.ndarray) -> np.ndarray:
    """Return 1 - exp(logs)."""
    return -apply_each(math.expm1, logs)
