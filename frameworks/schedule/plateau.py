"""Defines reduce on plateau, which is not a function of `t`: its rate depends on metrics."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Literal, TypedDict

import numpy as np
from pydantic import Field, Strict, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from frameworks.schedule.fields import MAX_RATE, CountFromZero, Number, Rate
from frameworks.schedule.model import Model, build_bound_check

#: A factor of the rate at each reduction: above 0, below 1.
Reduction = Annotated[float, Strict(), Field(gt=0, lt=1, allow_inf_nan=False), Number]
#: The least improvement of a metric: 0 to 1e37.
Threshold = Annotated[float, Strict(), Field(ge=0, le=MAX_RATE, allow_inf_nan=False), Number]


class ReduceOnPlateau(Model):
    """Multiplies the rate by `factor` whenever a metric has not improved for some time, down to `min_lr`.

        lr([]) = base_lr
        better, direction "min":  m < best * (1 - threshold) (relative), or m < best - threshold (absolute)
        better, direction "max":  m > best * (1 + threshold) (relative), or m > best + threshold (absolute)
        reduction:                new = max(rate * factor, min_lr);  rate = new if rate - new > least_change, else rate

    `lr(metrics)` is the rate of the updates after these metrics, oldest first. The training decides when it has a
    metric, usually after each epoch. All counts below are numbers of metrics, not of updates.

    - A better metric m becomes the best, and the count of bad metrics in a row starts again at 0.
    - Any other metric adds 1 to this count, except in a cooldown. A metric exactly at the threshold is not better.
    - When the count exceeds (or reaches) patience, it starts again at 0, the rate is reduced, and a cooldown begins.

    base_lr: rate before the first reduction, 0 or more.
    factor: multiplies the rate at each reduction; above 0, below 1.
    patience: number of bad metrics, 0 or more.
    rule: "exceeds" (torch's) or "reaches" (Keras'), as described below (default: "exceeds").
    direction: "min" if lower metrics are better, "max" if higher ones are (default: "min").
    threshold_mode: "relative" or "absolute" (default: "relative").
    threshold: least improvement, 0 or more: a share of the best, below 1 for "min", or in the metric's unit (default:
      1e-4).
    cooldown: number of metrics after a reduction, 0 or more (default: 0).
    in_cooldown: "watch" if a better metric becomes the best in a cooldown too (torch, Keras), else "ignore" (Paddle)
      (default: "watch").
    min_lr: lowest rate, 0 to base_lr (default: 0).
    least_change: a reduction is made only if it is larger, 0 or more (default: 0).
    precision: "float64" (torch's) or "float32" (Keras'), as described below (default: "float64").

    - rule "exceeds": patience is the number of bad metrics that are allowed, and cooldown the number of metrics that
      are not counted after a reduction. The first metric is the best, unless it is NaN or the worst infinity.
    - rule "reaches": the patience-th bad metric reduces the rate, and the cooldown-th metric after that counts again.
      For both, 0 means 1. The first metric is always the best. A patience p of "exceeds" is p + 1 here, and a cooldown
      c above 0 is c + 1.
    - NaN is never better, so it is a bad metric. If it comes first with "reaches", it stays the best: no metric is
      better, and the rate decreases to min_lr.
    - precision "float64": rates and comparisons have float64 numbers, and only the applied rate is rounded.
    - precision "float32": base_lr and the rate after each reduction are rounded to float32. So are both sides of a
      comparison, in which an absolute threshold is added to the metric: m + threshold < best, m - threshold > best.
    - A relative threshold with a negative best: a metric equal to the best is better, as in torch.

    Source: torch.optim.lr_scheduler.ReduceLROnPlateau (2.14), exactly this with "exceeds" and "float64". Its eps is
      least_change, by default 1e-8. keras.callbacks.ReduceLROnPlateau (3.15), exactly this with "reaches", "float32",
      "absolute" and least_change 0.

    Conditions: only the class sets the optimizer's rate. torch's rate is a float: one in a tensor is rounded at each
    reduction. Keras' logs are Python's floats, as from `fit`: np.float64 is compared in float64. They are in float32's
    range: Keras raises ValueError for a finite one beyond.

    The same rule in other libraries: transformers.get_reduce_on_plateau_schedule and ignite's
    ReduceLROnPlateauScheduler use torch's class. So does timm's PlateauLRScheduler without warm-up and noise, where
    "max" is the default. paddle's ReduceOnPlateau is this with "exceeds" and "ignore", except for the last bit of
    best - best * threshold. Different: optax.contrib.reduce_on_plateau reduces when patience is reached, but counts its
    cooldown as torch does. It multiplies a float32 scale, and supports both thresholds together, and the mean of
    several metrics.

    >>> plateau = ReduceOnPlateau(base_lr=0.1, factor=0.5, patience=2, min_lr=0.03)
    >>> plateau.lr([]), plateau.lr([1.0, 1.0, 1.0]), plateau.lr([1.0, 1.0, 1.0, 1.0])  # two bad, three bad
    (0.1, 0.1, 0.05)
    >>> plateau.lrs([1.0] * 7).tolist()
    [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.03]
    >>> ReduceOnPlateau(base_lr=0.1, factor=0.5, patience=2, rule="reaches").lrs([1.0] * 5).tolist()
    [0.1, 0.1, 0.05, 0.05, 0.025]
    """

    kind: Literal["reduce_on_plateau"] = "reduce_on_plateau"
    base_lr: Rate
    factor: Reduction
    patience: CountFromZero
    rule: Literal["exceeds", "reaches"] = "exceeds"
    direction: Literal["min", "max"] = "min"
    threshold_mode: Literal["relative", "absolute"] = "relative"
    threshold: Threshold = 1e-4
    cooldown: CountFromZero = 0
    in_cooldown: Literal["watch", "ignore"] = "watch"
    min_lr: Rate = 0.0
    least_change: Rate = 0.0
    precision: Literal["float64", "float32"] = "float64"
    _check_min_lr = build_bound_check("min_lr", "base_lr", "floor", most=True)

    @field_validator("threshold")
    @classmethod
    def _check_threshold(cls, threshold: float, info: ValidationInfo) -> float:
        if threshold >= 1 and info.data.get("threshold_mode") == "relative" and info.data.get("direction") == "min":
            raise PydanticCustomError("threshold", "must be below 1 if it is relative and the direction is min")
        return threshold

    def lr(self, metrics: Iterable[float]) -> float:
        """Return the rate (float64) of the updates after these metrics.

        metrics: numbers, oldest first.

        Raises TypeError if a metric is not a number.
        """
        rates = self.lrs(metrics)
        return float(rates[-1]) if len(rates) else self._round(self.base_lr)

    def lrs(self, metrics: Iterable[float]) -> np.ndarray:
        """Return the rate after each metric as a float64 array: `lrs(m)[k] == lr(m[:k + 1])`."""
        patience, cooldown = self.patience, self.cooldown
        if self.rule == "reaches":
            patience, cooldown = max(patience - 1, 0), max(cooldown - 1, 0)
        rate, best, bad, counts_from = self._round(self.base_lr), None, 0, 0
        rates = []
        with np.errstate(over="ignore"):  # numbers beyond float32 become infinite
            for index, metric in enumerate(_read_numbers(metrics)):
                counts = index >= counts_from
                if (counts or self.in_cooldown == "watch") and self._is_better(metric, best):
                    best, bad = metric, 0
                elif counts:
                    bad += 1
                if bad > patience:
                    bad, counts_from = 0, index + 1 + cooldown
                    new = max(rate * self.factor, self.min_lr)
                    rate = self._round(new) if rate - new > self.least_change else rate
                rates.append(rate)
        return np.array(rates, np.float64)

    def _is_better(self, metric: float, best: float | None) -> bool:
        """Return whether a metric is better than the best one so far."""
        if best is None:
            worst = math.inf if self.direction == "min" else -math.inf
            return self.rule == "reaches" or not (math.isnan(metric) or metric == worst)
        sign = 1.0 if self.direction == "min" else -1.0
        if self.threshold_mode == "relative":
            best *= 1.0 - sign * self.threshold
        elif self.precision == "float32":
            metric += sign * self.threshold
        else:
            best -= sign * self.threshold
        metric, best = self._round(metric), self._round(best)
        return metric < best if self.direction == "min" else metric > best

    def _round(self, number: float) -> float:
        return number if self.precision == "float64" else float(np.float32(number))


class PlateauState(TypedDict):
    """Holds what a back end's `Plateau` saves.

    rate: the rate.
    best: the best metric so far, or None.
    bad: number of bad metrics in a row.
    cooldown: number of metrics left in the cooldown.
    """

    rate: float
    best: float | None
    bad: int
    cooldown: int


def _read_numbers(metrics: Iterable[float]) -> Iterable[float]:
    for index, metric in enumerate(metrics):
        if isinstance(metric, str | bytes):
            raise TypeError(f"metrics[{index}] must be a number, got {metric!r}")
        try:
            yield float(metric)
        except (TypeError, ValueError):
            raise TypeError(f"metrics[{index}] must be a number, got {metric!r}"[:200]) from None
