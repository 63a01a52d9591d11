"""A Keras optimizer watched one update at a time: saved, resumed, compiled, with other weights and rules."""

from __future__ import annotations

import copy
import functools
import io
import pickle
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from frameworks.keras_api import keras
from frameworks.keras_choice import require_keras_3_on_tensorflow
from frameworks.observation import GRADIENTS, SHAPES
from frameworks.schedule import Scale, Schedule
from frameworks.tensorflow.schedules import build

#: The types a weight may have.
DTYPES = ("float16", "bfloat16", "float32", "float64")
#: The ways to run an update.
RUNS = ("eager", "graph", "xla")
#: The fastest of them for many updates.
FASTEST = "graph"
#: Of SGD's momentum: whether its state adds up updates (rates included) or gradients.
VELOCITY = True
#: Whether the rate that the optimizer reports is that of its next update, or of its last.
REPORTS_NEXT = True

#: The rules. Adam without memory (both betas 0) divides a gradient by its own size: what is left is the rate.
OPTIMIZERS = {
    "sgd": lambda rate, more: keras.optimizers.SGD(rate, **more),
    "momentum": lambda rate, more: keras.optimizers.SGD(rate, momentum=0.5, **more),
    "adam": lambda rate, more: keras.optimizers.Adam(rate, beta_1=0.0, beta_2=0.0, epsilon=0.0, **more),
}


@functools.cache
def _require_keras_3() -> None:
    require_keras_3_on_tensorflow("Watched")


@functools.cache
def _constants(dtype: str) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
    """Return the gradients, and zeros of their shapes."""
    return ([tf.fill(shape, tf.constant(gradient, dtype)) for shape, gradient in zip(SHAPES, GRADIENTS)],
            [tf.zeros(shape, dtype) for shape in SHAPES])


@functools.cache
def _weights(dtype: str) -> list[tf.Variable]:
    """Return the weights, which all optimizers share: each update sets them to 0 first."""
    return [tf.Variable(tf.zeros(shape, dtype)) for shape in SHAPES]


class Watched:
    """An optimizer with a schedule. Every update starts from weights of 0.

    multipliers: of the rate, one per parameter. Keras has none, so each gets an optimizer of its own, with a scale.
    accumulation: batches per update. Keras counts these batches, not updates: a schedule sees update k at
    `accumulation * (k + 1) - 1`, so one that is meant in updates has to be held for `accumulation`.
    """

    def __init__(
        self, schedule: Schedule, *, build: Callable = build, optimizer: str = "sgd", dtype: str = "float32",
        run: str = "eager", multipliers: tuple[float, ...] | None = None, accumulation: int = 1,
    ) -> None:
        _require_keras_3()
        self.weights = _weights(dtype)
        self.schedule, self.build, self.accumulation, self.dtype = schedule, build, accumulation, dtype
        self.gradients, self.zeros = _constants(dtype)
        self.divisors = [np.sign(gradient) if optimizer == "adam" else gradient for gradient in GRADIENTS]
        more = {} if accumulation == 1 else {"gradient_accumulation_steps": accumulation}
        groups = [self.weights] if multipliers is None else [[weight] for weight in self.weights]
        self.groups = []
        for group, by in zip(groups, multipliers or (None,)):
            scaled = schedule if by is None else Scale(by=by, of=schedule)
            trained = OPTIMIZERS[optimizer](build(scaled), more)
            trained.build(group)
            self.groups.append((trained, group))
        self.trained = self.groups[0][0]
        self.step = self._step if run == "eager" else tf.function(self._step, jit_compile=run == "xla")

    def _step(self) -> None:
        gradients = iter(self.gradients)
        for trained, group in self.groups:
            trained.apply([next(gradients) for _ in group], group)

    def update(self, *, overflow: bool = False) -> np.ndarray:
        """Make one update and return the rate each weight got: float64, shape (11,).

        overflow: the gradients are infinite. LossScaleOptimizer then skips the update.
        """
        for weight, zeros in zip(self.weights, self.zeros):
            weight.assign(zeros)
        if overflow:
            scaled = keras.optimizers.LossScaleOptimizer(self.trained, initial_scale=1.0)
            scaled.build(self.weights)
            scaled.apply([tf.fill(shape, tf.constant(float("inf"), self.dtype)) for shape in SHAPES], self.weights)
        else:
            for _ in range(self.accumulation):
                self.step()
        return np.concatenate([
            weight.numpy().astype(np.float64).ravel() / -divisor
            for weight, divisor in zip(self.weights, self.divisors)])

    def reported(self) -> float:
        """Return the rate that the next update will use, as the optimizer says."""
        return float(self.trained.learning_rate)

    def read(self) -> None:
        """Do what only looks: print, ask for the rate, copy, pickle, plot to its end."""
        schedule = self.trained._learning_rate
        _ = repr(self.trained), str(schedule), self.trained.get_config(), float(self.trained.learning_rate)
        for each in (schedule, pickle.loads(pickle.dumps(copy.deepcopy(schedule)))):
            each(tf.range(30))

    def goto(self, t: int) -> None:
        """Stand where `t` updates have been made."""
        for trained, _ in self.groups:
            trained.iterations.assign(t)

    def save(self) -> bytes:
        """Save what a Keras user saves: the optimizer's variables, of which one is `iterations`."""
        file, store = io.BytesIO(), {}
        self.trained.save_own_variables(store)
        np.savez(file, **{name: np.asarray(value) for name, value in store.items()})
        return file.getvalue()

    def load(self, saved: bytes) -> None:
        """Go on from there: build the optimizer on its weights, load its variables. Unbuilt, it would load nothing."""
        with np.load(io.BytesIO(saved)) as store:
            self.trained.load_own_variables({name: store[name] for name in store.files})
