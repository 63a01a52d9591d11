"""A Gluon training whose applied rates are read from its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mxnet import gluon, nd

from frameworks.mxnet import build
from frameworks.schedule import Schedule

#: The optimizers. Adam with both betas 0 divides a gradient by its absolute value, so that it applies the bare rate.
OPTIMIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "SGD": ("sgd", {}),
    "SGD, momentum": ("sgd", {"momentum": 0.5}),
    "Adam": ("adam", {"beta1": 0.0, "beta2": 0.0, "epsilon": 0.0}),
}


class Training:
    """Two weights and a Trainer.

    schedule: the schedule, or None for a Trainer without scheduler.
    optimizer: a name of OPTIMIZERS.
    settings: further settings of the optimizer.
    """

    def __init__(self, schedule: Schedule | None, optimizer: str, **settings: Any) -> None:
        self.weights = [gluon.Parameter(f"weight{index}", shape=(1,), init="zeros") for index in range(2)]
        for weight in self.weights:
            weight.initialize()
        self.name, options = OPTIMIZERS[optimizer]
        options = {**options, **settings}
        if schedule is not None:
            options["lr_scheduler"] = build(schedule)
        self.trainer = gluon.Trainer(self.weights, self.name, options)

    def update(self, gradient: float = 1.0) -> list[float]:
        """Make one update from weights of 0, with gradients of 1, and return the rate that each weight got."""
        for state in self.trainer._updaters[0].states.values():
            if self.name == "sgd":  # the velocity, and the float32 copy of a float16 weight
                for array in state if isinstance(state, tuple) else (state,):
                    if array is not None:
                        array[:] = 0
        for weight in self.weights:
            if weight.grad_req != "null":
                weight.set_data(nd.zeros(1, dtype=weight.dtype))
                weight.grad()[:] = gradient
                weight.data()._fresh_grad = True
        self.trainer.step(1)
        return [-float(weight.data().asscalar()) for weight in self.weights if weight.grad_req != "null"]

    def train(self, updates: int) -> list[list[float]]:
        """Make updates and return the applied rates of each."""
        return [self.update() for _ in range(updates)]

    def save(self, folder: Path) -> str:
        """Save the states of the Trainer and return the file."""
        self.trainer.save_states(f"{folder}/states")
        return f"{folder}/states"


def double(rates: list[float]) -> list[list[float]]:
    """Return each rate for both weights."""
    return [[rate, rate] for rate in rates]
