"""Trains a network of keras.applications: SGD with momentum, in 16 bits if chosen, on one or many devices.

Many devices: one process divides each batch; tf.distribute.MirroredStrategy adds their gradients.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from frameworks import FrameworkUnsupportedError
from frameworks.epoch import DeviceMissingError
from frameworks.keras_api import keras
from frameworks.keras_choice import require_keras_3_on_tensorflow
from frameworks.schedule import Schedule
from frameworks.tensorflow.schedules import build
from frameworks.tensorflow.training import choose_device
from frameworks.vision import DECAY, MOMENTUM, SMOOTHING, Settings, normalise

#: The networks that keras.applications has.
NETWORKS = {"resnet50": "ResNet50"}


def find_part() -> tuple[int, int]:
    """Return the number of this process and how many there are: one process uses all devices."""
    return 0, 1


class VisionTraining:
    """A network and its optimizer; `update` makes one update.

    settings: the settings.
    schedule: the rate of each update from now on.

    Raises DeviceMissingError, and FrameworkUnsupportedError for a network that keras.applications does not have.
    """

    def __init__(self, settings: Settings, schedule: Schedule) -> None:
        require_keras_3_on_tensorflow("VisionTraining")
        if settings.network not in NETWORKS:
            raise FrameworkUnsupportedError(
                f"network: must be one of {', '.join(NETWORKS)} in keras.applications, got {settings.network!r}")
        self.strategy, self.settings = _build_strategy(settings), settings
        keras.utils.set_random_seed(settings.seed)
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy("mixed_bfloat16" if settings.mixed else "float32")
        with self.strategy.scope():
            self.net = getattr(keras.applications, NETWORKS[settings.network])(
                weights=None, classes=settings.classes, classifier_activation=None,
                input_shape=(settings.side, settings.side, 3))
            self.optimizer = keras.optimizers.SGD(learning_rate=build(schedule), momentum=MOMENTUM)
            self.optimizer.build(self.net.trainable_variables)
        keras.config.set_dtype_policy(before)
        for layer in self.net.layers:
            if layer.name.endswith("_3_bn"):
                layer.gamma.assign(tf.zeros_like(layer.gamma))
        self._step = tf.function(self._divide)

    def update(self, images: np.ndarray, labels: np.ndarray) -> tuple[float, Callable[[], float]]:
        """Make an update; return its rate, and a function that fetches its mean loss from the device.

        images: bytes, shape (n, side, side, 3), the batch. labels: int64, shape (n,).
        """
        rate: Any = self.optimizer.learning_rate
        whole = normalise(images), labels
        if self.settings.devices == 1:
            return float(rate), partial(float, self._step(*map(tf.constant, whole)))
        parts = [np.split(array, self.settings.devices) for array in whole]
        return float(rate), partial(float, self._step(*(self.strategy.experimental_distribute_values_from_function(
            lambda context, part=part: tf.constant(part[context.replica_id_in_sync_group])) for part in parts)))

    def _divide(self, images: Any, labels: Any) -> Any:
        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, self.strategy.run(self._learn, (images, labels)), None)

    def _learn(self, images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Make an update with a device's part of the batch; the optimizer adds the gradients of all devices."""
        weights, low = self.net.trainable_variables, SMOOTHING / self.settings.classes
        with tf.GradientTape() as tape:
            outputs: Any = self.net(images, training=True)
            targets = tf.one_hot(labels, self.settings.classes, 1 - SMOOTHING + low, low)
            losses = tf.nn.softmax_cross_entropy_with_logits(targets, tf.cast(outputs, tf.float32))
            loss = tf.reduce_sum(losses) / self.settings.batch
            decay = tf.add_n([tf.nn.l2_loss(weight) for weight in weights if len(weight.shape) > 1])
            total = loss + DECAY * decay / self.settings.devices
        self.optimizer.apply(tape.gradient(total, weights), weights)
        return loss

    def count_correct(self, images: np.ndarray, labels: np.ndarray) -> int:
        """Return how many images the network classifies correctly; arguments as of `update`."""
        outputs: Any = self.net(normalise(images), training=False)
        return int((np.argmax(outputs, axis=1) == labels).sum())

    def read_state(self) -> dict[str, np.ndarray]:
        """Return weights, running statistics and momentum, from which another training continues exactly."""
        return {name: np.array(variable) for name, variable in self._list_variables()}

    def set_state(self, state: dict[str, np.ndarray]) -> None:
        """Continue from what `read_state` returned, also of another number of devices."""
        for name, variable in self._list_variables():
            variable.assign(state[name])

    def _list_variables(self) -> list[tuple[str, Any]]:
        moving = zip(self.net.trainable_variables, self.optimizer.momentums)
        return [*((variable.path, variable) for variable in self.net.variables),
                *((f"momentum/{variable.path}", momentum) for variable, momentum in moving)]


def _build_strategy(settings: Settings) -> tf.distribute.Strategy:
    """Return the strategy of the chosen devices; on a processor, "devices" are parts of it, for tests."""
    kind = choose_device(settings.device).strip("/").partition(":")[0]
    if settings.devices == 1:
        return tf.distribute.get_strategy() if kind == "GPU" else tf.distribute.OneDeviceStrategy("/CPU:0")
    if kind == "CPU":
        (processor,) = tf.config.list_physical_devices("CPU")
        with suppress(RuntimeError):  # they are set once in a process
            tf.config.set_logical_device_configuration(
                processor, [tf.config.LogicalDeviceConfiguration()] * settings.devices)
    have = len(tf.config.list_logical_devices(kind))
    if have < settings.devices:
        raise DeviceMissingError(f"devices: tensorflow sees {have} of kind {kind} here, expected {settings.devices}")
    return tf.distribute.MirroredStrategy([f"{kind}:{number}" for number in range(settings.devices)])
