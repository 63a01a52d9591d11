"""Measures each update of a Keras optimizer: saved, resumed, compiled, with other weights and optimizers."""

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
#: Whether the state of SGD's momentum adds up updates, with their rates (True), or gradients (False).
VELOCITY = True
#: Whether the optimizer reports the rate of its next update (True) or of its last one (False).
REPORTS_NEXT = True

#: The optimizers. Adam with both betas 0 divides a gradient by its absolute value, so that it applies the bare rate.
OPTIMIZERS = {
    "sgd": lambda rate, more: keras.optimizers.SGD(rate, **more),
    "momentum": lambda rate, more: keras.optimizers.SGD(rate, momentum=0.5, **more),
    "adam": lambda rate, more: keras.optimizers.Adam(rate, beta_1=0.0, beta_2=0.0, epsilon=0.0, **more),
}


@functools.cache
def _require_keras_3() -> None:
    require_keras_3_on_tensorflow("Watched")


@functools.cache
def _build_constants(dtype: str) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
    """Return the gradients, and zeros of their shapes."""
    return ([tf.fill(shape, tf.constant(gradient, dtype)) for shape, gradient in zip(SHAPES, GRADIENTS)],
            [tf.zeros(shape, dtype) for shape in SHAPES])


@functools.cache
def _build_weights(dtype: str) -> list[tf.Variable]:
    """Return the weights that all optimizers share; each update first sets them to 0."""
    return [tf.Variable(tf.zeros(shape, dtype)) for shape in SHAPES]


class Watched:
    """Runs an optimizer with a schedule; every update starts from weights of 0.

    multipliers: a multiplier of the rate for each parameter (default: 1); Keras has none, so each parameter gets a
        separate optimizer, whose schedule is scaled.
    accumulation: batches per update (default: 1).

    Keras counts batches, not updates: a schedule computes update k at `accumulation * (k + 1) - 1`. Hold a schedule for
    `accumulation` if it counts updates.
    """

    def __init__(
        self, schedule: Schedule, *, build: Callable = build, optimizer: str = "sgd", dtype: str = "float32",
        run: str = "eager", multipliers: tuple[float, ...] | None = None, accumulation: int = 1,
    ) -> None:
        _require_keras_3()
        self.weights = _build_weights(dtype)
        self.schedule, self.build, self.accumulation, self.dtype = schedule, build, accumulation, dtype
        self.gradients, self.zeros = _build_constants(dtype)
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
        """Make one update and return the rate that each weight got: float64, shape (11,).

        overflow: make the gradients infinite; LossScaleOptimizer then skips the update.
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

    def read_reported_rate(self) -> float:
        """Return the rate that the optimizer reports: that of the next update."""
        return float(self.trained.learning_rate)

    def read(self) -> None:
        """Make only calls that must not change the rates: print, read the rate, copy, pickle, plot."""
        schedule = self.trained._learning_rate
        _ = repr(self.trained), str(schedule), self.trained.get_config(), float(self.trained.learning_rate)
        for each in (schedule, pickle.loads(pickle.dumps(copy.deepcopy(schedule)))):
            each(tf.range(30))

    def goto(self, t: int) -> None:
        """Set the count of updates made to `t`."""
        for trained, _ in self.groups:
            trained.iterations.assign(t)

    def save(self) -> bytes:
        """Save what a Keras user saves: the optimizer's variables, one of which is `iterations`."""
        file, store = io.BytesIO(), {}
        self.trained.save_own_variables(store)
        np.savez(file, **{name: np.asarray(value) for name, value in store.items()})
        return file.getvalue()

    def load(self, saved: bytes) -> None:
        """Load the variables of the optimizer, which has been built on its weights; unbuilt, it would load nothing."""
        with np.load(io.BytesIO(saved)) as store:
            self.trained.load_own_variables({name: store[name] for name in store.files})
