"""A Keras training whose applied rates are read from its weights."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from frameworks.schedule import Schedule
from frameworks.tensorflow import build

#: The optimizers. Adam with both betas 0 divides a gradient by its absolute value, so that it applies the bare rate.
OPTIMIZERS = {
    "SGD": keras.optimizers.SGD,
    "SGD, momentum": lambda rate, **more: keras.optimizers.SGD(rate, momentum=0.5, **more),
    "Adam": lambda rate, **more: keras.optimizers.Adam(rate, beta_1=0.0, beta_2=0.0, epsilon=0.0, **more),
}
#: How the training step runs: eagerly, as a graph, or compiled by XLA.
RUNS: dict[str, dict[str, Any]] = {
    "eager": {"run_eagerly": True, "jit_compile": False}, "graph": {"jit_compile": False}, "XLA": {"jit_compile": True}}
#: The names of the columns.
COLUMNS = ["SGD, eager", "SGD, graph", "SGD, XLA", "SGD, momentum, graph", "Adam, graph"]


def split(column: str) -> tuple[str, str]:
    """Return the name of the optimizer and of the run."""
    name, _, run = column.rpartition(", ")
    return name, run


def build_optimizer(schedule: Schedule, column: str, **settings: Any) -> keras.optimizers.Optimizer:
    """Return an optimizer with a schedule."""
    return OPTIMIZERS[split(column)[0]](build(schedule), **settings)


def build_model(optimizer: keras.optimizers.Optimizer, column: str) -> keras.Model:
    """Return a compiled model with one weight, whose gradient is 1."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, name="only")])
    compile_model(model, optimizer, column)
    return model


def compile_model(model: keras.Model, optimizer: keras.optimizers.Optimizer, column: str) -> None:
    """Compile a model again."""
    model.compile(optimizer, loss=mean_output, **RUNS[split(column)[1]])


@keras.saving.register_keras_serializable(package="promised")
def mean_output(target: Any, output: Any) -> Any:
    """Return the mean output, whose gradient is the input, 1; the target is not used."""
    return keras.ops.mean(output, axis=-1)


class _Reader(keras.callbacks.Callback):
    """Sets weight and velocity to 0 before each update, and stores the rate that the update applied."""

    def __init__(self) -> None:
        super().__init__()
        self.applied: list[float] = []

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        inner = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        velocities = getattr(inner, "momentums", []) if inner.built else []
        for variable in (self.model.get_layer("only").kernel, *velocities):
            variable.assign(keras.ops.zeros_like(variable))

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.applied.append(-np.asarray(self.model.get_layer("only").kernel).astype(np.float64).item())


def train(model: keras.Model, updates: int, value: float = 1.0) -> list[float]:
    """Make updates in one `fit`, each from a weight of 0, and return the applied rates.

    value: the input, and so the gradient.
    """
    reader = _Reader()
    model.fit(np.full((updates, 1), value, np.float32), np.zeros((updates, 1)), batch_size=1, verbose=0,
              callbacks=[reader])
    return reader.applied
