"""From a specification to a `keras.optimizers.schedules.LearningRateSchedule`."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from frameworks.keras_api import keras, rate_function
from frameworks.schedule import Schedule, dumps, expanded, loads
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
    """A schedule as Keras optimizers call it: eagerly, in a tf.function, or compiled by XLA.

    Based on keras.optimizers.schedules.LearningRateSchedule. Differs: computed in float64 inside the graph and rounded
    to float32 once. It is saved as its specification. XLA computes in an order of its own, so where a cosine or
    polynomial rises from nearly nothing (below about 1e-9 of its end) its first rates may be some float32 ULP off.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/schedules/learning_rate_schedule.py#L11
    """

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self._rate = rate_function(rule(expanded(schedule)))

    def __call__(self, step: int | tf.Tensor | tf.Variable) -> tf.Tensor:
        """Return the rate of the update that `step` updates precede, as a float32 tensor of the shape of `step`.

        A Keras on jax or torch gets a tensor of its own, computed on the host.
        """
        return self._rate(step)

    def get_config(self) -> dict[str, Any]:
        return {"schedule": dumps(self.schedule)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Specified:
        return cls(loads(config["schedule"], name="schedule"))

    def __reduce__(self) -> tuple:
        return build, (self.schedule,)


def build(schedule: Schedule) -> Any:
    """Return a schedule, a `Specified`, for `keras.optimizers.SGD(learning_rate=build(schedule))`.

    Annotated as Any, since the annotations of Keras' optimizers accept a float only.
    """
    return Specified(schedule)
