"""Measures each update of a `gluon.Trainer`: saved, resumed, hybridized, with other weights and optimizers."""

from __future__ import annotations

import copy
import functools
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon
from mxnet.contrib.amp.loss_scaler import LossScaler

from frameworks.mxnet.schedules import build
from frameworks.observation import GRADIENTS, SHAPES
from frameworks.schedule import Schedule

#: The types a weight may have. (In MXNet only a few operators support bfloat16.)
DTYPES = ("float16", "float32", "float64")
#: The ways to run an update: with given gradients, or with the gradients of a network, which may be hybridized.
RUNS = ("eager", "network", "hybridized")
#: The fastest of them for many updates.
FASTEST = "eager"
#: Whether the state of SGD's momentum adds up updates, with their rates (True), or gradients (False).
VELOCITY = True
#: Whether the optimizer reports the rate of its next update (True) or of its last one (False).
REPORTS_NEXT = False

#: The optimizers. Adam with both betas 0 divides a gradient by its absolute value, so that it applies the bare rate.
OPTIMIZERS = {
    "sgd": ("sgd", {}),
    "momentum": ("sgd", {"momentum": 0.5}),
    "adam": ("adam", {"beta1": 0.0, "beta2": 0.0, "epsilon": 0.0}),
}


class Weighted(gluon.HybridBlock):
    """Returns the sum of its weights, each times its gradient of `GRADIENTS`."""

    def __init__(self, dtype: str) -> None:
        super().__init__(prefix="")
        for index, shape in enumerate(SHAPES):
            setattr(self, f"weight{index}", self.params.get(f"weight{index}", shape=shape, dtype=dtype, init="zeros"))

    def hybrid_forward(self, F, factor, weight0, weight1, weight2):
        """Return the sum, times a factor, an array of one number."""
        weights = (weight0, weight1, weight2)
        return sum((F.broadcast_mul(w, factor.reshape((1,) * len(shape))) * gradient).sum()
                   for w, shape, gradient in zip(weights, SHAPES, GRADIENTS))


@functools.cache
def _build_constants(dtype: str) -> tuple[list[mx.nd.NDArray], list[mx.nd.NDArray]]:
    """Return the gradients, and zeros of their shapes."""
    return ([mx.nd.full(shape, gradient, dtype=dtype) for shape, gradient in zip(SHAPES, GRADIENTS)],
            [mx.nd.zeros(shape, dtype=dtype) for shape in SHAPES])


@functools.cache
def _make_folder() -> tempfile.TemporaryDirectory:
    """Return the folder in which this process saves states."""
    return tempfile.TemporaryDirectory()


class Watched:
    """Runs a Trainer with a schedule; every update starts from weights of 0.

    multipliers: the lr_mult of each parameter (default: 1).
    accumulation: batches per update (default: 1); grad_req="add" adds up their gradients.
    """

    def __init__(
        self, schedule: Schedule, *, build: Callable = build, optimizer: str = "sgd", dtype: str = "float32",
        run: str = "eager", multipliers: tuple[float, ...] | None = None, accumulation: int = 1,
    ) -> None:
        self.net = Weighted(dtype)
        self.net.initialize()
        if run == "hybridized":
            self.net.hybridize()
        self.weights = [self.net.params.get(f"weight{index}") for index in range(len(SHAPES))]
        for weight, by in zip(self.weights, multipliers or (1.0,) * len(SHAPES)):
            weight.lr_mult = by
            weight.grad_req = "add"
        name, options = OPTIMIZERS[optimizer]
        self.schedule, self.build, self.accumulation = schedule, build, accumulation
        self.dtype, self.run = dtype, run
        self.divisors = [np.sign(gradient) if optimizer == "adam" else gradient for gradient in GRADIENTS]
        self.trainer = gluon.Trainer(self.weights, name, {"lr_scheduler": build(schedule), **options})

    def update(self, *, overflow: bool = False) -> np.ndarray:
        """Make one update and return the rate that each weight got: float64, shape (11,).

        overflow: make the gradients infinite; with mxnet.contrib.amp's scaler the Trainer then skips the update.
        """
        gradients, zeros = _build_constants(self.dtype)
        for weight, zero in zip(self.weights, zeros):
            zero.copyto(weight.data())
        if self.run == "eager" and self.accumulation == 1:
            for weight, gradient in zip(self.weights, gradients):
                if overflow:
                    weight.grad()[:] = float("inf")
                else:
                    gradient.copyto(weight.grad())
                weight.data()._fresh_grad = True  # as backward() does; else the Trainer treats the gradient as stale
        else:
            self._run_network(float("inf") if overflow else 1.0)
        self.trainer._amp_loss_scaler = LossScaler() if overflow else None  # as amp.init_trainer sets it
        self.trainer.step(self.accumulation)
        return np.concatenate([
            weight.data().asnumpy().ravel().astype(np.float64) / -divisor
            for weight, divisor in zip(self.weights, self.divisors)])

    def _run_network(self, factor: float) -> None:
        """Compute the gradients, times a factor, in `accumulation` batches."""
        for weight in self.weights:
            weight.zero_grad()
        inputs = mx.nd.full((1,), factor, dtype=self.dtype)
        for _ in range(self.accumulation):
            with autograd.record():
                loss = self.net(inputs)
            loss.backward()

    def read_reported_rate(self) -> float:
        """Return the rate that the Trainer reports: that of the last update, or of update 0 before it."""
        return self.trainer.learning_rate

    def read(self) -> None:
        """Make only calls that must not change the rates: print, read the rate, copy, pickle, plot."""
        scheduler = self.trainer._optimizer.lr_scheduler
        _ = repr(self.trainer), str(scheduler), self.trainer.learning_rate
        again = pickle.loads(pickle.dumps(copy.deepcopy(scheduler)))
        for each in (scheduler, again):
            for count in range(1, 30):
                each(count)

    def goto(self, t: int) -> None:
        """Set the count of updates made to `t`."""
        self._set_count(self.trainer._optimizer, t)

    def save(self) -> bytes:
        """Save what a Gluon user saves: the states of the Trainer, with its count and scheduler."""
        self.trainer.save_states(f"{_make_folder().name}/states")
        return Path(f"{_make_folder().name}/states").read_bytes()

    def load(self, saved: bytes) -> None:
        """Load the states of the Trainer, which has been built again; the saved schedule replaces the new one."""
        Path(f"{_make_folder().name}/states").write_bytes(saved)
        self.trainer.load_states(f"{_make_folder().name}/states")

    @staticmethod
    def _set_count(optimizer: mx.optimizer.Optimizer, t: int) -> None:
        optimizer.begin_num_update = optimizer.num_update = t
        for counts in optimizer._all_index_update_counts.values():
            counts.clear()
