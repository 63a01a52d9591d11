"""Reduces the rate on a plateau in Keras, as a callback: by the built-in ReduceLROnPlateau where it is exact.

    plateau = build_plateau(ReduceOnPlateau(base_lr=0.1, factor=0.1, patience=10), optimizer, monitor="val_loss")
    model.compile(optimizer, ...)
    model.fit(..., callbacks=[plateau])  # or, in a custom loop, plateau.step(validation_loss)
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Container, Sequence
from types import SimpleNamespace
from typing import Any

import numpy
import tensorflow as tf

from frameworks.keras_api import IS_KERAS_2, build_optimizer, keras
from frameworks.keras_choice import require_tensorflow_backend
from frameworks.observation import GRADIENTS, SHAPES, Observation
from frameworks.schedule import ReduceOnPlateau
from frameworks.schedule.plateau import PlateauState

_STATE = PlateauState.__required_keys__


class Plateau(keras.callbacks.Callback):
    """Sets the rate of an optimizer, and reduces it when the metrics given to `step` do not improve.

    Based on keras.callbacks.ReduceLROnPlateau. Differs: can count and compute as torch does; keeps the rate here.
    The optimizer's variable gets the nearest float32. The state can be saved, and `fit` does not reset it.

    plateau: the rule.
    optimizer: the optimizer, without a schedule.
    monitor: the name of the metric that `fit` logs.
    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/callbacks/reduce_lr_on_plateau.py#L12
    """

    def __init__(self, plateau: ReduceOnPlateau, optimizer: keras.optimizers.Optimizer, monitor: str) -> None:
        super().__init__()
        self.plateau, self.optimizer, self.monitor = plateau, optimizer, monitor
        self.patience, self.cooling = max(plateau.patience, 1), plateau.cooldown
        if plateau.rule == "exceeds":  # as Keras counts: the bad metric that reduces, and the one that counts again
            self.patience, self.cooling = plateau.patience + 1, plateau.cooldown + 1
        self.load_state_dict({"rate": float(self._round(plateau.base_lr)), "best": None, "bad": 0, "cooldown": 0})

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Raise ValueError if `fit` trains with another optimizer than that of this callback."""
        _require_same(self.optimizer, self.model)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Process the metric that `fit` has logged; warn if it is not there."""
        logged = logs or {}
        if self.monitor in logged:
            self.step(logged[self.monitor])
        else:  # as in an epoch without validation
            warnings.warn(f"{self.monitor} is not in what was logged: {', '.join(logged)}", stacklevel=2)

    def step(self, metric: float) -> None:
        """Process a metric and set the rate of the next updates."""
        current = float(metric)
        if self.cooldown > 0:
            self.cooldown, self.bad = self.cooldown - 1, 0
        ignored = self.cooldown > 0 and self.plateau.in_cooldown == "ignore"
        if not ignored and self._is_better(current):
            self.best, self.bad = current, 0
        elif self.cooldown == 0:
            self.bad += 1
            if self.bad >= self.patience:
                lower = max(self.rate * self.plateau.factor, self.plateau.min_lr)
                if lower < self.rate and self.rate - lower > self.plateau.least_change:
                    self.rate = float(self._round(lower))
                self.cooldown, self.bad = self.cooling, 0
        self._set()

    def state_dict(self) -> PlateauState:
        """Return the state to save with the model: plain numbers."""
        return {"rate": self.rate, "best": self.best, "bad": self.bad, "cooldown": self.cooldown}

    def load_state_dict(self, state: PlateauState) -> None:
        """Load a state of `state_dict`, and set its rate."""
        self.rate, self.best, self.bad, self.cooldown = _check_state(state)
        self._set()

    def _is_better(self, current: float) -> bool:
        plateau, best, less = self.plateau, self.best, self.plateau.direction == "min"
        if best is None:
            return plateau.rule == "reaches" or (current < float("inf") if less else current > float("-inf"))
        if plateau.threshold_mode == "relative":
            best *= 1.0 + (-plateau.threshold if less else plateau.threshold)
        else:
            min_delta = -plateau.threshold if less else plateau.threshold  # the sign that Keras gives it
            if plateau.precision == "float32":
                current -= min_delta
            else:
                best += min_delta
        return bool((tf.less if less else tf.greater)(self._round(current), self._round(best)))

    def _round(self, number: float) -> tf.Tensor:
        return tf.cast(tf.constant(number, tf.float64), self.plateau.precision)

    def _set(self) -> None:
        self.optimizer.learning_rate = float(numpy.float32(self.rate))


class _Native(keras.callbacks.ReduceLROnPlateau):
    """Adds a state to the built-in class. Differs: keeps its state when `fit` begins, where Keras resets it."""

    def __init__(self, plateau: ReduceOnPlateau, optimizer: keras.optimizers.Optimizer, monitor: str) -> None:
        super().__init__(monitor, factor=plateau.factor, patience=plateau.patience, mode=plateau.direction,
                         min_delta=plateau.threshold, cooldown=plateau.cooldown, min_lr=plateau.min_lr)
        self.optimizer = optimizer
        self.set_model(SimpleNamespace(optimizer=optimizer))  # until `fit` sets its own
        optimizer.learning_rate = plateau.base_lr

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        _require_same(self.optimizer, self.model)

    def step(self, metric: float) -> None:
        self.on_epoch_end(0, {self.monitor: float(metric)})

    def state_dict(self) -> PlateauState:
        model: Any = self.model
        return {"rate": float(model.optimizer.learning_rate), "best": self.best, "bad": self.wait,
                "cooldown": self.cooldown_counter}

    def load_state_dict(self, state: PlateauState) -> None:
        model: Any = self.model
        model.optimizer.learning_rate, self.best, self.wait, self.cooldown_counter = _check_state(state)


def build_plateau(
    plateau: ReduceOnPlateau, optimizer: keras.optimizers.Optimizer, monitor: str = "val_loss",
) -> keras.callbacks.ReduceLROnPlateau | Plateau:
    """Set the first rate and return a callback for `fit`, whose `step(metric)` can be called too.

    It is the built-in class if that is exact: with Keras 3's rule and precision, an absolute threshold, least change 0.

    plateau: the rule.
    optimizer: the model's optimizer, without a schedule; with another one, `fit` raises ValueError.
    monitor: the name of the metric that `fit` logs (default: "val_loss").
    Raises TypeError if `plateau` is not a ReduceOnPlateau or, as Keras does, if the optimizer has a schedule.
    """
    if not isinstance(plateau, ReduceOnPlateau):
        raise TypeError(f"not a reduce_on_plateau: {plateau!r}")
    is_exact = (plateau.rule, plateau.in_cooldown, plateau.precision, plateau.threshold_mode,
                plateau.least_change) == ("reaches", "watch", "float32", "absolute", 0.0)
    return (_Native if is_exact and not IS_KERAS_2 else Plateau)(plateau, optimizer, monitor)


def observe_plateau(
    plateau: ReduceOnPlateau, metrics: Sequence[float], *, updates: int = 1, build: Callable = build_plateau,
    resume_at: Container[int] = (),
) -> Observation:
    """Make updates with plain SGD before the first metric and after each metric; return the rates they applied.

    plateau: the rule.
    metrics: the metrics, in order.
    updates: updates before the first metric, and after each, 1 or more (default: 1).
    build: builds what has `step`, from the rule and the optimizer (default: `build_plateau`).
    resume_at: counts of metrics after which the states are saved as JSON and loaded into new objects (default: none).
    """
    require_tensorflow_backend("observe_plateau")
    gradients = [tf.fill(shape, gradient) for shape, gradient in zip(SHAPES, GRADIENTS)]

    def build_all() -> tuple:
        weights = [tf.Variable(tf.zeros(shape)) for shape in SHAPES]
        optimizer = keras.optimizers.SGD(1.0)
        build_optimizer(optimizer, weights)
        return weights, optimizer, build(plateau, optimizer)

    weights, optimizer, watched = build_all()
    seen, reported = [], []
    for count in range(len(metrics) + 1):
        if count in resume_at:
            saved = json.dumps(watched.state_dict())
            weights, optimizer, watched = build_all()
            watched.load_state_dict(json.loads(saved))
        for _ in range(updates):
            for weight in weights:
                weight.assign(tf.zeros_like(weight))
            reported.append(float(optimizer.learning_rate))
            optimizer.apply_gradients(zip(gradients, weights))
            seen.append(numpy.concatenate([weight.numpy().ravel() for weight in weights]))
        if count < len(metrics):
            watched.step(metrics[count])
    return Observation.from_weights(numpy.array(seen), reported)


def _require_same(optimizer: keras.optimizers.Optimizer, model: Any) -> None:
    if not any(optimizer is other for other in (model.optimizer, getattr(model.optimizer, "inner_optimizer", None))):
        raise ValueError("the model is trained with another optimizer than this was built with: build it again after "
                         "each model.compile")


def _check_state(state: PlateauState) -> tuple[float, float | None, int, int]:
    if set(state) != _STATE:
        raise ValueError(f"the state must have {', '.join(sorted(_STATE))}, got {', '.join(map(str, state))}")
    return state["rate"], state["best"], state["bad"], state["cooldown"]
