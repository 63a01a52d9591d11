"""Defines mistakes with reduce on plateau, and the case that shows each."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from frameworks.schedule import ReduceOnPlateau
from parity.cases.plateau import CASES
from parity.mistakes.record import Mistake

#: By id; `Broken` makes each.
PLATEAU: dict[str, Mistake] = {record.id: record for record in (Mistake(name, "plateau", effect) for name, effect in (
    ("reduces when patience is reached",
     "bad >= patience is compared, as in Keras, not bad > patience, as in torch: the rate falls one metric early"),
    ("reduces when patience is exceeded",
     "bad > patience is compared, as in torch, not bad >= patience, as in Keras: the rate falls one metric late"),
    ("keras cooldown as torch", "Keras' cooldown is counted as in torch: it lasts one metric too long"),
    ("torch cooldown as keras", "torch's cooldown is counted as in Keras: it ends one metric too soon"),
    ("counts in a cooldown", "metrics in a cooldown are counted as bad: the rate falls too early"),
    ("no best in a cooldown",
     "a best metric in a cooldown is not stored: later metrics are compared with an older one"),
    ("best in a cooldown that is ignored",
     "a best metric in a cooldown is stored where it should be ignored: later metrics count as bad"),
    ("count not reset by a reduction",
     "a reduction does not reset the count of bad metrics: the next one follows too early"),
    ("count not reset by a better one",
     "a better metric does not reset the count of bad metrics: the rate falls too early"),
    ("best forgotten at a reduction", "a reduction resets the best metric: the next metric counts as better"),
    ("relative as absolute", "a relative threshold is used as an absolute one; multiply it by the best metric"),
    ("absolute as relative", "an absolute threshold is used as a share of the best metric; add or subtract it"),
    ("threshold ignored",
     "the threshold is ignored: a smaller improvement counts as better too, and the rate falls too late"),
    ("threshold on the metrics side",
     "the threshold is added to the metric, not subtracted from the best: ties round differently"),
    ("threshold on the best s side",
     "the threshold is subtracted from the best, not added to the metric: ties round differently"),
    ("min as max", "a loss is treated as an accuracy: improvements count as bad; set the direction to min"),
    ("max as min", "an accuracy is treated as a loss: improvements count as bad; set the direction to max"),
    ("tie is better", "a metric exactly at the threshold counts as better: the rate falls too late"),
    ("nan is better", "a metric that is nan counts as better: it becomes the best"),
    ("nan is not counted", "a metric that is nan does not count as bad: the rate falls too late"),
    ("first nan is the best", "a first metric that is nan becomes the best: each later metric counts as bad"),
    ("first nan is no best", "a first metric that is nan is ignored, where Keras stores it as the best"),
    ("floor ignored", "min_lr is ignored: the rate falls below it"),
    ("floor stops before it", "a reduction that would pass min_lr is not made: the rate stays above min_lr"),
    ("least change ignored", "the least change is ignored: a smaller reduction is made too"),
    ("least change reached is enough", "a reduction of exactly the least change is made, where it should be left out"),
    ("reduced from the rounded rate",
     "each reduction starts from the applied float32 rate: rates are some ULP off; keep the float64 rate"),
    ("reduced from the unrounded rate",
     "each reduction starts from the unrounded float64 rate: rates are some ULP off; round after each reduction"),
))}


@cache
def find_case(mistake: str) -> tuple[str, int]:
    """Return the case that shows a mistake first, and the number of metrics before its first wrong rate."""
    at, name = min((at, name) for name in CASES if (at := find_first_wrong(mistake, name)) is not None)
    return name, at


def find_first_wrong(mistake: str, case: str) -> int | None:
    """Return the number of metrics of a case before the first rate that a mistake changes; None if it changes none."""
    plateau, metrics = CASES[case].plateau, CASES[case].metrics
    rates: list[float] = []
    broken = Broken(plateau, mistake, rates.append)
    for metric in metrics:
        broken.step(metric)
    right = np.array([plateau.lr([]), *plateau.lrs(metrics)], np.float32)
    differing = np.flatnonzero(np.array(rates, np.float32) != right)
    return int(differing[0]) if len(differing) else None


class Broken:
    """A second implementation of the rule, with one mistake.

    plateau: the specification.
    mistake: its id, or `none`.
    set_rate: called with each rate, a float32, before the first metric and after each.
    """

    def __init__(self, plateau: ReduceOnPlateau, mistake: str, set_rate: Callable[[float], Any]) -> None:
        self.plateau, self.mistake, self.set_rate = plateau, mistake, set_rate
        self.rate, self.best, self.bad, self.cooling = self._round(plateau.base_lr), None, 0, 0
        self._set()

    def step(self, metric: float) -> None:
        """Process one metric and set the rate."""
        plateau, is_ = self.plateau, self.mistake.__eq__
        exceeds = plateau.rule == "exceeds"
        patience = plateau.patience if exceeds else max(plateau.patience - 1, 0)
        cooldown = plateau.cooldown if exceeds else max(plateau.cooldown - 1, 0)
        patience += (exceeds and is_("reduces_when_patience_is_reached")) * -1
        patience += (not exceeds and is_("reduces_when_patience_is_exceeded"))
        cooldown += (not exceeds and plateau.cooldown > 0 and is_("keras_cooldown_as_torch"))
        cooldown -= (exceeds and cooldown > 0 and is_("torch_cooldown_as_keras"))
        cooling, self.cooling = self.cooling > 0, max(self.cooling - 1, 0)
        ignores = (plateau.in_cooldown == "ignore") is not (
            is_("no_best_in_a_cooldown") or is_("best_in_a_cooldown_that_is_ignored"))
        if self._is_better(metric) and not (cooling and ignores):
            self.best = metric
            self.bad *= is_("count_not_reset_by_a_better_one")
        elif (not cooling or is_("counts_in_a_cooldown")) and not (metric != metric and is_("nan_is_not_counted")):
            self.bad += 1
        if self.bad > patience:
            self._reduce()
            self.bad *= is_("count_not_reset_by_a_reduction")
            self.cooling = cooldown
            self.best = None if is_("best_forgotten_at_a_reduction") else self.best
        self._set()

    def _reduce(self) -> None:
        plateau, is_ = self.plateau, self.mistake.__eq__
        new = self.rate * plateau.factor
        if is_("floor_stops_before_it") and new < plateau.min_lr:
            return
        new = new if is_("floor_ignored") else max(new, plateau.min_lr)
        change, least = self.rate - new, 0.0 if is_("least_change_ignored") else plateau.least_change
        if change > least or (change == least and is_("least_change_reached_is_enough")):
            self.rate = np.float32(new).item() if is_("reduced_from_the_rounded_rate") else (
                new if is_("reduced_from_the_unrounded_rate") else self._round(new))

    def _is_better(self, metric: float) -> bool:
        plateau, best, is_ = self.plateau, self.best, self.mistake.__eq__
        down = (plateau.direction == "min") is not (is_("min_as_max") or is_("max_as_min"))
        if metric != metric and is_("nan_is_better"):
            return True
        if best is None:
            first = is_("first_nan_is_the_best") or (plateau.rule == "reaches" and not is_("first_nan_is_no_best"))
            return first or not (metric != metric or metric == (math.inf if down else -math.inf))
        threshold = 0.0 if is_("threshold_ignored") else plateau.threshold
        relative = (plateau.threshold_mode == "relative") is not (
            is_("relative_as_absolute") or is_("absolute_as_relative"))
        beside = (plateau.precision == "float32") is not (
            is_("threshold_on_the_metrics_side") or is_("threshold_on_the_best_s_side"))
        sign = 1.0 if down else -1.0
        if relative:
            best *= 1.0 - sign * threshold
        elif beside:
            metric += sign * threshold
        else:
            best -= sign * threshold
        metric, best = self._round(metric) * sign, self._round(best) * sign
        return metric < best or (metric == best and is_("tie_is_better"))

    def _round(self, number: float) -> float:
        return float(np.dtype(self.plateau.precision).type(number))

    def _set(self) -> None:
        self.set_rate(float(np.float32(self.rate)))
