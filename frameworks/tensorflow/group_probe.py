"""Trains a small Keras model in parameter groups, one update at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from frameworks.keras_api import keras
from frameworks.schedule.groups import ParameterGroups
from frameworks.tensorflow.groups import build_groups

#: The ways to run an update.
RUNS = ("graph", "xla", "eager")


class WatchedGroups:
    """A model of three variables with `size` elements each: the body's weight and bias, the head's weight."""

    def __init__(
        self, groups: ParameterGroups, size: int, *, build: Callable = build_groups, run: str = "graph",
    ) -> None:
        network = keras.Sequential([
            keras.Input((1,)), keras.layers.Dense(size, name="body"),
            keras.layers.Dense(1, use_bias=False, name="head")])
        network.compile(optimizer=build(groups, network))
        self.run = run
        self._watch(network)

    def _watch(self, network: Any) -> None:
        self.network, self.weights = network, network.trainable_variables
        apply = network.optimizer.apply
        if self.run != "eager":
            apply = tf.function(apply, jit_compile=self.run == "xla")
        self.apply = apply

    def update(self, before: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        """Make one update of given weights with given gradients, and return the weights: float32, shape (3, size)."""
        for weight, value in zip(self.weights, before):
            weight.assign(value.reshape(weight.shape))
        self.apply([tf.constant(gradient.reshape(weight.shape)) for gradient, weight in zip(gradients, self.weights)])
        return np.stack([weight.numpy().reshape(-1) for weight in self.weights])

    def save(self, folder: Path) -> None:
        """Save what a Keras user saves: the whole model, with its optimizer."""
        self.network.save(folder / "model.keras")

    def load(self, folder: Path) -> None:
        """Load the model; Keras builds its optimizer again from the groups that were saved with it."""
        self._watch(keras.saving.load_model(folder / "model.keras"))
