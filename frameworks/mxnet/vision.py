"""Trains a network of Gluon's model zoo: SGD with momentum, in 16 bits if chosen, on one or many devices.

Many devices: one process divides each batch; the Trainer adds their gradients.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon

from frameworks import FrameworkUnsupportedError
from frameworks.epoch import DeviceMissingError
from frameworks.mxnet.schedules import build
from frameworks.mxnet.training import choose_device
from frameworks.schedule import Schedule
from frameworks.vision import DECAY, MOMENTUM, SMOOTHING, Settings, normalise


def find_part() -> tuple[int, int]:
    """Return the number of this process and how many there are: one process uses all devices."""
    return 0, 1


class VisionTraining:
    """A network and its optimizer; `update` makes one update.

    settings: the settings.
    schedule: the rate of each update from now on.

    Raises DeviceMissingError, and FrameworkUnsupportedError for 16 bits without a GPU.
    """

    def __init__(self, settings: Settings, schedule: Schedule) -> None:
        place = choose_device(settings.device).device_type
        if place == "gpu" and settings.devices > mx.context.num_gpus():
            raise DeviceMissingError(
                f"devices: mxnet sees {mx.context.num_gpus()} GPUs here, expected {settings.devices}")
        if settings.mixed and place == "cpu":
            raise FrameworkUnsupportedError("precision: mxnet computes in 16 bits on a GPU only")
        self.places = [mx.Context(place, number) for number in range(settings.devices)]
        self.dtype, self.classes = "float16" if settings.mixed else "float32", settings.classes
        mx.random.seed(settings.seed)
        self.net = gluon.model_zoo.vision.get_model(f"{settings.network}_v1", classes=settings.classes)
        self.net.initialize(mx.init.MSRAPrelu(), ctx=self.places)
        self.net.cast(self.dtype)
        self.net(mx.nd.zeros((1, 3, settings.side, settings.side), self.places[0], self.dtype))  # infers the shapes
        for block in (block for stage in self.net.features for block in getattr(stage, "_children", {}).values()):
            normalisation = next(layer for layer in reversed(block.body) if isinstance(layer, gluon.nn.BatchNorm))
            normalisation.gamma.set_data(mx.nd.zeros(normalisation.gamma.shape))
        for parameter in self.net.collect_params(".*beta|.*gamma|.*bias").values():
            parameter.wd_mult = 0.0
        self.net.hybridize(static_alloc=True, static_shape=True)
        self.scheduler = build(schedule)
        self.trainer = gluon.Trainer(self.net.collect_params(), "sgd", {
            "lr_scheduler": self.scheduler, "momentum": MOMENTUM, "wd": DECAY, "multi_precision": settings.mixed,
        }, update_on_kvstore=False)
        self.loss_of = gluon.loss.SoftmaxCrossEntropyLoss(sparse_label=False)

    def update(self, images: np.ndarray, labels: np.ndarray) -> tuple[float, Callable[[], float]]:
        """Make an update; return its rate, and a function that fetches its mean loss from the device.

        images: bytes, shape (n, side, side, 3), the batch. labels: int64, shape (n,).
        """
        rate, low = self.scheduler(self.trainer.optimizer.num_update + 1), SMOOTHING / self.classes
        parts = zip(self._split(images), gluon.utils.split_and_load(mx.nd.array(labels), self.places))
        with autograd.record():
            losses = [self.loss_of(self.net(inputs).astype("float32"),
                                   mx.nd.one_hot(targets, self.classes, 1 - SMOOTHING + low, low))
                      for inputs, targets in parts]
        autograd.backward(losses)
        self.trainer.step(len(labels))
        total = mx.nd.add_n(*(loss.sum().as_in_context(self.places[0]) for loss in losses))
        return rate, (total / len(labels)).asscalar

    def count_correct(self, images: np.ndarray, labels: np.ndarray) -> int:
        """Return how many images the network classifies correctly; arguments as of `update`."""
        inputs = mx.nd.array(normalise(images).transpose(0, 3, 1, 2), self.places[0], self.dtype)
        return int((self.net(inputs).argmax(axis=1).asnumpy() == labels).sum())

    def _split(self, images: np.ndarray) -> list[mx.nd.NDArray]:
        inputs = mx.nd.array(normalise(images).transpose(0, 3, 1, 2), dtype=self.dtype)
        return gluon.utils.split_and_load(inputs, self.places)

    def read_state(self) -> dict[str, np.ndarray]:
        """Return weights, running statistics and momentum, from which another training continues exactly."""
        state, moving = {}, self.trainer._updaters[0].states
        for index, parameter in enumerate(self.trainer._params):
            name = parameter.name.removeprefix(self.net.prefix)
            state[name] = parameter.data(self.places[0]).asnumpy()
            if index in moving:
                arrays = moving[index] if isinstance(moving[index], tuple) else (moving[index],)
                state |= {f"momentum/{name}/{number}": array.asnumpy() for number, array in enumerate(arrays)}
        return state

    def set_state(self, state: dict[str, np.ndarray]) -> None:
        """Continue from what `read_state` returned, also of another number of devices."""
        for index, parameter in enumerate(self.trainer._params):
            name = parameter.name.removeprefix(self.net.prefix)
            parameter.set_data(mx.nd.array(state[name], dtype=state[name].dtype))
            for place, updater in zip(self.places, self.trainer._updaters):
                arrays: Any = tuple(mx.nd.array(state[key], place, state[key].dtype) for number in range(2)
                               if (key := f"momentum/{name}/{number}") in state)
                if arrays:
                    updater.states[index] = arrays[0] if len(arrays) == 1 else arrays
                    updater.states_synced[index] = True
