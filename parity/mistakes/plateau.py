"""Mistakes that people make with reduce on plateau, each with the case and the number of metrics where it shows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from frameworks import backend
from frameworks.schedule import ReduceOnPlateau

#: The mistake -> the case that finds it, and how many metrics have been seen at the first wrong rate.
BROKEN = {
    "reduces_when_patience_is_reached": ("accuracy_torch", 12),
    "reduces_when_patience_is_exceeded": ("accuracy_keras", 12),
    "keras_cooldown_as_torch": ("cooldown_reaches", 6),
    "torch_cooldown_as_keras": ("cooldown_exceeds", 6),
    "counts_in_a_cooldown": ("cooldown_exceeds", 5),
    "no_best_in_a_cooldown": ("best_in_cooldown", 7),
    "best_in_a_cooldown_that_is_ignored": ("best_in_cooldown_ignored", 7),
    "count_not_reset_by_a_reduction": ("accuracy_torch", 14),
    "count_not_reset_by_a_better_one": ("a_better_one_starts_the_count_again", 4),
    "best_forgotten_at_a_reduction": ("accuracy_torch", 25),
    "relative_as_absolute": ("tie_relative", 5),
    "absolute_as_relative": ("tie_absolute", 5),
    "threshold_ignored": ("loss_torch", 23),
    "threshold_on_the_metrics_side": ("tie_subtracted", 2),
    "threshold_on_the_best_s_side": ("tie_added", 2),
    "min_as_max": ("loss_torch", 3),
    "max_as_min": ("accuracy_torch", 6),
    "tie_is_better": ("tie_absolute", 5),
    "nan_is_better": ("nan_exceeds", 6),
    "nan_is_not_counted": ("nan_exceeds", 6),
    "first_nan_is_the_best": ("nan_exceeds", 3),
    "first_nan_is_no_best": ("nan_first_reaches", 3),
    "floor_ignored": ("floor", 3),
    "floor_stops_before_it": ("floor", 3),
    "least_change_ignored": ("least_change", 5),
    "least_change_reached_is_enough": ("least_change_tie", 3),
    "reduced_from_the_rounded_rate": ("many_reductions_float64", 5),
    "reduced_from_the_unrounded_rate": ("many_reductions_float32", 3),
}


class Broken:
    """The rule once more, with one mistake, or with none."""

    def __init__(self, plateau: ReduceOnPlateau, mistake: str, framework: str, owner: Any) -> None:
        self.plateau, self.mistake, self.owner = plateau, mistake, owner
        self.set_rate = backend(framework, any_keras=True).set_rate
        self.rate, self.best, self.bad, self.cooling = self._round(plateau.base_lr), None, 0, 0
        self._set()

    def step(self, metric: float) -> None:
        """Take a metric and set the rate."""
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
        if self._better(metric) and not (cooling and ignores):
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

    def _better(self, metric: float) -> bool:
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
        self.set_rate(self.owner, float(np.float32(self.rate)))
