"""Reduces the rate on a plateau in Gluon, which has no such class: it calls `trainer.set_learning_rate`.

    plateau = build_plateau(ReduceOnPlateau(base_lr=0.1, factor=0.1, patience=10), trainer)
    for epoch in range(epochs):
        ...  # trainer.step(batch_size) for every batch
        plateau.step(validation_loss)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Sequence
from typing import Any

import mxnet as mx
import numpy
from mxnet import gluon

from frameworks.observation import GRADIENTS, SHAPES, Observation
from frameworks.schedule import ReduceOnPlateau
from frameworks.schedule.plateau import PlateauState

_STATE = PlateauState.__required_keys__


class Plateau:
    """Sets the rate of a Trainer, and reduces it when the metrics given to `step` do not improve.

    Gluon has no such class: its schedulers get only a number of updates. The rate is kept here, in float64; the Trainer
    gets the nearest float32.

    plateau: the rule.
    trainer: the Trainer, without an "lr_scheduler".
    """

    def __init__(self, plateau: ReduceOnPlateau, trainer: gluon.Trainer) -> None:
        self.plateau, self.trainer = plateau, trainer
        self.load_state_dict({"rate": self._round(plateau.base_lr), "best": None, "bad": 0, "cooldown": 0})

    def step(self, metric: float | mx.nd.NDArray) -> None:
        """Process a metric, a number or an array of one number, and set the rate of the next updates."""
        value: Any = metric
        current = value.asnumpy().item() if isinstance(value, mx.nd.NDArray) else float(value)
        reaches = self.plateau.rule == "reaches"
        cooling = self.cooldown > (1 if reaches else 0)
        self.cooldown = max(self.cooldown - 1, 0)
        if self._is_better(current) and not (cooling and self.plateau.in_cooldown == "ignore"):
            self.best, self.bad = current, 0
        elif cooling:
            self.bad = 0
        else:
            self.bad += 1
        if self.bad >= (max(self.plateau.patience, 1) if reaches else self.plateau.patience + 1):
            self.bad, self.cooldown = 0, self.plateau.cooldown
            lower = max(self.rate * self.plateau.factor, self.plateau.min_lr)
            if self.rate - lower > self.plateau.least_change:
                self.rate = self._round(lower)
        self._set()

    def state_dict(self) -> PlateauState:
        """Return the state to save with the Trainer's states: plain numbers."""
        return {"rate": self.rate, "best": self.best, "bad": self.bad, "cooldown": self.cooldown}

    def load_state_dict(self, state: PlateauState) -> None:
        """Load a state of `state_dict`, and set its rate."""
        if set(state) != _STATE:
            raise ValueError(f"the state must have {', '.join(sorted(_STATE))}, got {', '.join(map(str, state))}")
        self.rate, self.best, self.bad, self.cooldown = state["rate"], state["best"], state["bad"], state["cooldown"]
        self._set()

    def _is_better(self, metric: float) -> bool:
        if self.best is None:
            worst = float("inf") if self.plateau.direction == "min" else float("-inf")
            return self.plateau.rule == "reaches" or (metric == metric and metric != worst)
        best, threshold = self.best, self.plateau.threshold
        if self.plateau.direction == "max":  # is -metric below -best? Changing both signs rounds nothing
            metric, best = -metric, -best
        if self.plateau.threshold_mode == "relative":
            share = 1.0 - threshold if self.plateau.direction == "min" else 1.0 + threshold
            return self._round(metric) < self._round(best * share)
        if self.plateau.precision == "float32":
            return self._round(metric + threshold) < self._round(best)
        return metric < best - threshold

    def _round(self, number: float) -> float:
        with numpy.errstate(over="ignore"):
            return float(numpy.dtype(self.plateau.precision).type(number))

    def _set(self) -> None:
        self.trainer.set_learning_rate(float(numpy.float32(self.rate)))


def build_plateau(plateau: ReduceOnPlateau, trainer: gluon.Trainer) -> Plateau:
    """Set the first rate and return the object whose `step(metric)` to call, usually after each epoch.

    plateau: the rule.
    trainer: the Trainer, without an "lr_scheduler".

    Raises UserWarning, as MXNet does, if the Trainer has a scheduler.
    Raises TypeError if `plateau` is not a ReduceOnPlateau.
    """
    if not isinstance(plateau, ReduceOnPlateau):
        raise TypeError(f"not a reduce_on_plateau: {plateau!r}")
    return Plateau(plateau, trainer)


def observe_plateau(
    plateau: ReduceOnPlateau, metrics: Sequence[float], *, updates: int = 1, build: Callable = build_plateau,
    resume_at: Container[int] = (),
) -> Observation:
    """Make updates with plain SGD before the first metric and after each metric; return the rates they applied.

    plateau: the rule.
    metrics: the metrics, in order.
    updates: updates before the first metric, and after each, 1 or more (default: 1).
    build: builds what has `step`, from the rule and the Trainer (default: `build_plateau`).
    resume_at: counts of metrics after which the states are saved as JSON and loaded into new objects (default: none).
    """
    def build_all() -> tuple:
        parameters = [gluon.Parameter(f"weight{i}", shape=shape, init="zeros") for i, shape in enumerate(SHAPES)]
        for parameter, gradient in zip(parameters, GRADIENTS):
            parameter.initialize()
            parameter.grad()[:] = gradient
        trainer = gluon.Trainer(parameters, "sgd", {"learning_rate": 1.0})
        return [parameter.data() for parameter in parameters], trainer, build(plateau, trainer)

    weights, trainer, watched = build_all()
    seen, reported = [], []
    for count in range(len(metrics) + 1):
        if count in resume_at:
            saved = json.dumps(watched.state_dict())
            weights, trainer, watched = build_all()
            watched.load_state_dict(json.loads(saved))
        for _ in range(updates):
            for weight in weights:
                mx.nd.zeros_like(weight, out=weight)
                weight._fresh_grad = True  # as backward() does
            reported.append(trainer.learning_rate)
            trainer.step(1)
            seen.append(numpy.concatenate([weight.asnumpy().ravel() for weight in weights]))
        if count < len(metrics):
            watched.step(metrics[count])
    return Observation.from_weights(numpy.array(seen), reported)
