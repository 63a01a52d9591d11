"""Builds parameter groups for Keras 3, which has none: an optimizer looks up the group of each weight it updates.

    from frameworks.tensorflow import build_groups
    model.compile(optimizer=build_groups(groups, model), loss=loss)

Keras' SGD cannot schedule its momentum: it accepts only a Python float, and a graph keeps the value it was traced with.
Its weight decay may be a `tf.Variable`, assigned before each update, but is the same for all weights.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from frameworks.keras_api import keras
from frameworks.keras_choice import require_keras_3_on_tensorflow
from frameworks.schedule.files import dumps
from frameworks.schedule.group_files import loads_groups
from frameworks.schedule.groups import ParameterGroups
from frameworks.tensorflow.schedules import build


@keras.utils.register_keras_serializable(package="frameworks")
class Grouped(keras.optimizers.Optimizer):
    """Updates each variable by SGD, with the rate, momentum and weight decay of its group, found by its `path`.

    Based on keras.optimizers.SGD, with the same arithmetic: first `variable -= variable * decay * rate`, then the
    gradient. Differs: all values are computed inside the graph, at each update, from `iterations`. With
    `gradient_accumulation_steps`, `iterations` still counts updates, not batches. It is saved as its groups. Its
    `learning_rate` is that of the default group.

    Raises TypeError if `settings` has learning_rate or weight_decay.

    See https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/sgd.py#L7
    """

    def __init__(self, groups: ParameterGroups, name: str = "grouped", **settings: Any) -> None:
        for setting in ("learning_rate", "weight_decay"):
            if setting in settings:  # Keras would subtract a second decay, and not save it
                raise TypeError(f"{setting} is set by the groups, got {settings[setting]!r}")
        require_keras_3_on_tensorflow("Grouped")
        super().__init__(learning_rate=build(groups.schedule), name=name, **settings)
        self.groups = groups
        self._rules = [(build(group.schedule), group.lr_mult, *(
            None if schedule is None else build(schedule) for schedule in (group.momentum, group.weight_decay)))
            for group in groups.resolve_groups()]

    def build(self, variables: list[keras.Variable]) -> None:
        """Find the group of each variable, and add a velocity if the group has a momentum."""
        if self.built:
            return
        paths = [getattr(variable, "path", variable.name) for variable in variables]
        assigned = self.groups.assign_names(paths)
        super().build(variables)
        self._used = [name for name, members in assigned.items() if members]
        group_of = {path: index for index, members in enumerate(assigned.values()) for path in members}
        self._rule_of = [self._rules[group_of[path]] for path in paths]
        self._velocities = [
            None if momentum is None else self.add_variable_from_reference(variable, name="momentum")
            for variable, (_, _, momentum, _) in zip(variables, self._rule_of)]

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor) -> None:
        """Update one variable; `learning_rate`, that of the default group, is not used."""
        index: int = self._get_variable_index(variable)
        schedule, by, momentum, decay = self._rule_of[index]
        t = self.iterations
        rate = tf.cast(_multiply(schedule(t), by), variable.dtype)
        gradient = tf.cast(gradient, variable.dtype)
        if decay is not None:
            self.assign_sub(variable, variable * tf.cast(decay(t), variable.dtype) * rate)
        velocity = self._velocities[index]
        if momentum is None or velocity is None:
            self.assign_sub(variable, gradient * rate)
            return
        self.assign(velocity, velocity * tf.cast(momentum(t), variable.dtype) - gradient * rate)
        self.assign_add(variable, velocity)

    def rates(self) -> dict[str, float]:
        """Return the rate that the next update will use for each group that has variables."""
        return {name: float(rate) for name, rate in zip(self._used, self.compute_rates())}

    def compute_rates(self) -> list[tf.Tensor]:
        """Return these rates as float32 tensors, also inside a graph."""
        return [_multiply(schedule(self.iterations), by) for group, (schedule, by, *_)
                in zip(self.groups.resolve_groups(), self._rules) if group.name in self._used]

    def get_config(self) -> dict[str, Any]:
        """Return the settings, with the groups as JSON text."""
        config = super().get_config()
        del config["learning_rate"], config["weight_decay"]
        return {**config, "groups": dumps(self.groups)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Grouped:
        """Build an optimizer from the settings that `get_config` returned."""
        return cls(**{**config, "groups": loads_groups(config["groups"], name="groups")})


def build_groups(groups: ParameterGroups, network: keras.Model, **settings: Any) -> Grouped:
    """Return an optimizer of a model's trained variables, at its first update, for `model.compile`.

    groups: the schedules of rate, momentum and weight decay of each group.
    network: the model, built.
    settings: those that every Keras optimizer accepts, except learning_rate and weight_decay.

    Raises SpecificationError if a pattern matches none of the variables' paths.
    Raises ValueError if the model has no variables yet.
    Raises TypeError if `groups` is not a ParameterGroups, or if `settings` has learning_rate or weight_decay.
    """
    if not isinstance(groups, ParameterGroups):
        raise TypeError(f"not parameter groups: {groups!r}")
    require_keras_3_on_tensorflow("build_groups")
    if not network.built:
        raise ValueError(f"{network.name} has no variables yet: give it a keras.Input, or build it")
    optimizer = Grouped(groups, **settings)
    optimizer.build(network.trainable_variables)
    return optimizer


def _multiply(rate: tf.Tensor, by: float | None) -> tf.Tensor:
    return rate if by is None else tf.cast(tf.cast(rate, tf.float64) * by, tf.float32)
