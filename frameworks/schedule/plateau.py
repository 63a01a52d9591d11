"""The one schedule that is no function of `t`: it is told a metric now and then, and reduces its rate on a plateau."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Literal, TypedDict

import numpy as np
from pydantic import Field, Strict, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from frameworks.schedule.fields import MAX_RATE, CountFromZero, Number, Rate
from frameworks.schedule.model import Model

#: What a rate is multiplied by at each reduction: above 0, below 1.
Reduction = Annotated[float, Strict(), Field(gt=0, lt=1, allow_inf_nan=False), Number]
#: By how much a metric has to be better.
Threshold = Annotated[float, Strict(), Field(ge=0, le=MAX_RATE, allow_inf_nan=False), Number]


class ReduceOnPlateau(Model):
    """Multiplied by a factor whenever a metric has not got better for some time, down to a floor.

    `lr(metrics)` is the rate of the updates that are made when `metrics` have been seen, oldest first. How often there
    is one (after an epoch, as a rule) is the training's affair: every count below is of metrics, not of updates.

    lr([]) = base_lr. Each metric m is held against the best one so far:

    direction min:  m is better if m < best * (1 - threshold) (relative), or m < best - threshold (absolute)
    direction max:  m is better if m > best * (1 + threshold) (relative), or m > best + threshold (absolute)

    A better metric becomes the best, and the count of bad ones in a row starts again. Any other adds 1 to the count,
    unless a cooldown is on; a metric that is exactly at the threshold is such a one. When the count
    exceeds (or reaches) patience, the count starts again, a cooldown begins, and

    new = max(rate * factor, min_lr);  rate = new if rate - new > least_change, else rate (and so for ever)

    rule: whose counts these are. "exceeds", torch's: patience is how many bad metrics are put up with, cooldown how
    many are not counted after a reduction; the first metric is the best unless it is NaN or as bad as can be
    (infinite). "reaches", Keras': the patience-th bad metric reduces (0 means 1), the cooldown-th metric after a
    reduction counts again (0 means 1), and the first metric is the best whatever it is. So patience p here is p + 1
    there, and a cooldown c above 0 is c + 1.
    NaN: never better, so it counts as bad, in both. With "reaches" a NaN that comes first is the best for ever, so that
    nothing is better any more: Keras then reduces until the floor. With "exceeds" it is no best, and the next one is.
    precision: "float64", torch's: the rate and what is compared are float64 numbers as above; only what an optimizer
    applies is rounded. "float32", Keras': base_lr and the rate after each reduction are rounded to float32, and each
    reduction goes on from there; both sides of the comparison are rounded to float32 before they are compared, and an
    absolute threshold is on the metric's side: m + threshold < best, m - threshold > best.

    in_cooldown: "watch", torch's and Keras': a better metric becomes the best in a cooldown, too. "ignore", Paddle's.
    base_lr, min_lr, least_change: rates, min_lr <= base_lr. factor: above 0, below 1. threshold: in the metric's unit,
    or a share of the best (below 1 where direction is min); 0 or more. With a relative one and a negative best, a
    metric as good as the best is better (min: m < best * (1 - threshold), which is above best), as in torch.

    Source: torch.optim.lr_scheduler.ReduceLROnPlateau (2.14; its eps is least_change, 1e-8 if not given) and
    keras.callbacks.ReduceLROnPlateau (3.15; absolute, no least_change). Each is exactly this with "exceeds" and
    "float64", or "reaches" and "float32", as long as nothing else sets the optimizer's rate: torch if its rate is a
    float (one in a tensor is rounded at each reduction), and Keras if its logs are Python's floats, as `fit` makes them
    (np.float64 is compared in float64), and within float32's range (it raises ValueError for a finite one beyond).

    The same rule: transformers.get_reduce_on_plateau_schedule and ignite's ReduceLROnPlateauScheduler, torch's own
    class; timm's PlateauLRScheduler without warm-up and noise, too, whose direction is max if not given; paddle's
    ReduceOnPlateau with "exceeds" and "ignore", but for the last bit of best - best * threshold. Nearly:
    optax.contrib.reduce_on_plateau, which reduces when patience is reached but counts its cooldown as torch, multiplies
    a float32 scale, and may take a relative and an absolute threshold together, or the mean of several metrics.

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

    @field_validator("threshold")
    @classmethod
    def _below_all(cls, threshold: float, info: ValidationInfo) -> float:
        if threshold >= 1 and info.data.get("threshold_mode") == "relative" and info.data.get("direction") == "min":
            raise PydanticCustomError("threshold", "must be below 1 if it is relative and the direction is min")
        return threshold

    @field_validator("min_lr")
    @classmethod
    def _not_above_base(cls, min_lr: float, info: ValidationInfo) -> float:
        base_lr = info.data.get("base_lr", min_lr)
        if min_lr > base_lr:
            raise PydanticCustomError("floor", "must be at most base_lr ({base_lr})", {"base_lr": base_lr})
        return min_lr

    def lr(self, metrics: Iterable[float]) -> float:
        """Return the rate (float64) of the updates that are made when these metrics have been seen, oldest first.

        Raises TypeError if one is no number.
        """
        rates = self.lrs(metrics)
        return float(rates[-1]) if len(rates) else self._rounded(self.base_lr)

    def lrs(self, metrics: Iterable[float]) -> np.ndarray:
        """Return the rate after each metric: float64, `lrs(m)[k] == lr(m[:k + 1])`."""
        patience, cooldown = self.patience, self.cooldown
        if self.rule == "reaches":
            patience, cooldown = max(patience - 1, 0), max(cooldown - 1, 0)
        rate, best, bad, counts_from = self._rounded(self.base_lr), None, 0, 0
        found = []
        with np.errstate(over="ignore"):  # what is beyond float32 is infinite
            for index, metric in enumerate(_numbers(metrics)):
                counts = index >= counts_from
                if (counts or self.in_cooldown == "watch") and self._better(metric, best):
                    best, bad = metric, 0
                elif counts:
                    bad += 1
                if bad > patience:
                    bad, counts_from = 0, index + 1 + cooldown
                    new = max(rate * self.factor, self.min_lr)
                    rate = self._rounded(new) if rate - new > self.least_change else rate
                found.append(rate)
        return np.array(found, np.float64)

    def _better(self, metric: float, best: float | None) -> bool:
        """Whether a metric takes the place of the best."""
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
        metric, best = self._rounded(metric), self._rounded(best)
        return metric < best if self.direction == "min" else metric > best

    def _rounded(self, number: float) -> float:
        return number if self.precision == "float64" else float(np.float32(number))


class PlateauState(TypedDict):
    """What a backend's `Plateau` saves: the rate, the best metric so far, bad ones in a row, and the cooldown left."""

    rate: float
    best: float | None
    bad: int
    cooldown: int


def _numbers(metrics: Iterable[float]) -> Iterable[float]:
    for index, metric in enumerate(metrics):
        if isinstance(metric, str | bytes):
            raise TypeError(f"metrics[{index}] must be a number, got {metric!r}")
        try:
            yield float(metric)
        except (TypeError, ValueError):
            raise TypeError(f"metrics[{index}] must be a number, got {metric!r}"[:200]) from None
