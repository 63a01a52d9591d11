"""A `gluon.Trainer` watched one update at a time: saved, resumed, hybridized, with other weights and rules."""

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

#: The types a weight may have. (bfloat16 exists for a few operators only.)
DTYPES = ("float16", "float32", "float64")
#: The ways to run an update: with given gradients, or with those of a network, which may be hybridized.
RUNS = ("eager", "network", "hybridized")
#: The fastest of them for many updates.
FASTEST = "eager"
#: Of SGD's momentum: whether its state adds up updates (rates included) or gradients.
VELOCITY = True
#: Whether the rate that the optimizer reports is that of its next update, or of its last.
REPORTS_NEXT = False

#: The rules. Adam without memory (both betas 0) divides a gradient by its own size: what is left is the rate.
OPTIMIZERS = {
    "sgd": ("sgd", {}),
    "momentum": ("sgd", {"momentum": 0.5}),
    "adam": ("adam", {"beta1": 0.0, "beta2": 0.0, "epsilon": 0.0}),
}


class Weighted(gluon.HybridBlock):
    """A network whose gradients are `GRADIENTS`: the sum of its weights, each times its own."""

    def __init__(self, dtype: str) -> None:
        super().__init__(prefix="")
        for index, shape in enumerate(SHAPES):
            setattr(self, f"weight{index}", self.params.get(f"weight{index}", shape=shape, dtype=dtype, init="zeros"))

    def hybrid_forward(self, F, factor, weight0, weight1, weight2):
        weights = (weight0, weight1, weight2)
        return sum((F.broadcast_mul(w, factor.reshape((1,) * len(shape))) * gradient).sum()
                   for w, shape, gradient in zip(weights, SHAPES, GRADIENTS))


@functools.cache
def _constants(dtype: str) -> tuple[list[mx.nd.NDArray], list[mx.nd.NDArray]]:
    """Return the gradients, and zeros of their shapes."""
    return ([mx.nd.full(shape, gradient, dtype=dtype) for shape, gradient in zip(SHAPES, GRADIENTS)],
            [mx.nd.zeros(shape, dtype=dtype) for shape in SHAPES])


@functools.cache
def _folder() -> tempfile.TemporaryDirectory:
    """Return the folder in which states are saved, of this process."""
    return tempfile.TemporaryDirectory()


class Watched:
    """A Trainer with a schedule. Every update starts from weights of 0.

    multipliers: of the rate, one per parameter: its lr_mult. accumulation: batches per update, added up by
    grad_req="add".
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
        """Make one update and return the rate each weight got: float64, shape (11,).

        overflow: the gradients are infinite. With mxnet.contrib.amp's scaler the Trainer then skips the update.
        """
        gradients, zeros = _constants(self.dtype)
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
        """Compute the gradients, times a factor, in as many batches as are accumulated."""
        for weight in self.weights:
            weight.zero_grad()
        given = mx.nd.full((1,), factor, dtype=self.dtype)
        for _ in range(self.accumulation):
            with autograd.record():
                loss = self.net(given)
            loss.backward()

    def reported(self) -> float:
        """Return the rate that the last update has used, as the Trainer says (of update 0 before the first)."""
        return self.trainer.learning_rate

    def read(self) -> None:
        """Do what only looks: print, ask for the rate, copy, pickle, plot to its end."""
        scheduler = self.trainer._optimizer.lr_scheduler
        _ = repr(self.trainer), str(scheduler), self.trainer.learning_rate
        again = pickle.loads(pickle.dumps(copy.deepcopy(scheduler)))
        for each in (scheduler, again):
            for count in range(1, 30):
                each(count)

    def goto(self, t: int) -> None:
        """Stand where `t` updates have been made."""
        self._counted(self.trainer._optimizer, t)

    def save(self) -> bytes:
        """Save what a Gluon user saves: the Trainer's states, which hold its count and its scheduler."""
        self.trainer.save_states(f"{_folder().name}/states")
        return Path(f"{_folder().name}/states").read_bytes()

    def load(self, saved: bytes) -> None:
        """Go on from there: build the Trainer, load its states. The saved schedule takes the place of the new one."""
        Path(f"{_folder().name}/states").write_bytes(saved)
        self.trainer.load_states(f"{_folder().name}/states")

    @staticmethod
    def _counted(optimizer: mx.optimizer.Optimizer, t: int) -> None:
        optimizer.begin_num_update = optimizer.num_update = t
        for counts in optimizer._all_index_update_counts.values():
            counts.clear()
