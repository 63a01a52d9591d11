"""Builds a `keras.optimizers.schedules.LearningRateSchedule` from a specification."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from frameworks.keras_api import build_rate_function, keras
from frameworks.schedule import Schedule, dumps, expand, loads
from frameworks.tensorflow.schedules import (  # noqa: F401  (they register the kinds)
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
from frameworks.tensorflow.schedules.rule import rule


@keras.utils.register_keras_serializable(package="frameworks")
class Specified(keras.optimizers.schedules.LearningRateSchedule):
    """Computes the rates of a schedule for a Keras optimizer: eagerly, in a tf.function, or compiled by XLA.

    Based on keras.optimizers.schedules.LearningRateSchedule. Differs: computes in float64 inside the graph and rounds
    to float32 once. It is saved as its specification. XLA changes the order of operations. Where a cosine or polynomial
    increases from below about 1e-9 of its end, its first rates may therefore be some float32 ULP off.

    schedule: the schedule.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L11
    """

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self._rate = build_rate_function(rule(expand(schedule)))

    def __call__(self, step: int | tf.Tensor | tf.Variable) -> tf.Tensor:
        """Return the rate after `step` updates, as a float32 tensor of the shape of `step`.

        Keras on jax or torch gets a tensor of that framework, computed on the host.
        """
        return self._rate(step)

    def get_config(self) -> dict[str, Any]:
        """Return the specification as JSON text."""
        return {"schedule": dumps(self.schedule)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Specified:
        """Build a schedule from what `get_config` returned."""
        return cls(loads(config["schedule"], name="schedule"))

    def __reduce__(self) -> tuple:
        return build, (self.schedule,)


def build(schedule: Schedule) -> Any:
    """Return a schedule, a `Specified`, for `keras.optimizers.SGD(learning_rate=build(schedule))`.

    The annotation is Any, since the annotations of Keras' optimizers accept only a float.

    schedule: the schedule.

    Raises TypeError if it is not a schedule.
    """
    return Specified(schedule)


def replace_schedule(model: keras.Model, schedule: Schedule) -> Specified:
    """Return the schedule with which a compiled model continues, from its next update, also in `fit`.

    Keras keeps the schedule that a compiled training step was traced with; this function has the step traced again.

    model: the model, compiled; after `load_model`, which brings back the saved schedule.
    schedule: the other schedule; `t` is still the optimizer's `iterations`.

    Raises TypeError if `schedule` is not a schedule.
    """
    replaced = build(schedule)
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)  # of a LossScaleOptimizer
    optimizer.learning_rate = replaced
    model.train_function = None
    return replaced
