"""Schedulers that are told a metric: told these, one after every update, their rates are a function of `t`."""

# each library is in a separate environment
# pyright: reportMissingImports=false

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from frameworks.schedule import ReduceOnPlateau, Schedule
from frameworks.schedule.fields import ScheduleModel
from frameworks.schedule.mistakes import METRIC_DRIVEN
from frameworks.schedule.union import ADAPTER
from parity.pages.coverage.row import LR

#: One after each update: better and better eight times, and then noise that falls slowly. No last bit decides.
METRICS = (*(1.0 / (1 + t) for t in range(8)),
           *(0.11 - 0.0001 * t + 0.02 * (t * t * 37 % 101) / 101 for t in range(112)))


class Told(ScheduleModel):
    """What `reduce_on_plateau` gives when it is told METRICS, the first one after update 0."""

    kind: Literal["reduce_on_plateau"] = "reduce_on_plateau"
    plateau: ReduceOnPlateau

    def _at(self, t: int) -> float:
        return self.plateau.lr(METRICS[:t])

    def _over(self, t: np.ndarray) -> np.ndarray:
        return np.array([self.plateau.lr([]), *self.plateau.lrs(METRICS)])[t]

    @property
    def horizon(self) -> int:
        return 2 * len(METRICS) // 5 - 4  # 2.5 of them, and a few more, are there

    @property
    def largest(self) -> float:
        return self.plateau.base_lr

    def model_dump(self, **how: Any) -> dict[str, Any]:
        return self.plateau.model_dump(**how)

    def model_dump_json(self, **how: Any) -> str:
        return self.plateau.model_dump_json(**how)


def told(**fields: Any) -> Told:
    """What a library's defaults mean, but for these fields, on an optimizer made with LR."""
    return Told(plateau=ReduceOnPlateau(**{"base_lr": LR, "factor": 0.1, "patience": 10} | fields))


def specified(data: dict[str, Any]) -> Schedule | Told:
    """Return what a row's specification says, from JSON."""
    return Told(plateau=ReduceOnPlateau(**data)) if data["kind"] == METRIC_DRIVEN else ADAPTER.validate_python(data)


def rates(library: str, call: str, names: dict[str, Any], n: int) -> list[float]:
    """Return the rates of a library's own scheduler for updates 0 to n - 1: METRICS[k] is told after update k."""
    if library == "optax":
        return _optax(call, names, n)
    if library == "paddle":
        scheduler = eval(call, names)
        return _each(n, lambda t: float(scheduler()), lambda t, metric: scheduler.step(metric))
    if library == "keras":
        import keras

        model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(LR))
        callback = eval(call, names)
        callback.set_model(model)
        callback.on_train_begin()
        return _each(n, lambda t: float(model.optimizer.learning_rate),
                     lambda t, metric: callback.on_epoch_end(t, {"val_loss": metric}))
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=LR)
    scheduler = eval(call, names | {"optimizer": optimizer})
    steps: dict[str, Callable[[int, float], Any]] = {
        "timm": lambda t, metric: scheduler.step(t + 1, metric), "ignite": lambda t, metric: _ignite(scheduler, metric)}
    return _each(n, lambda t: float(optimizer.param_groups[0]["lr"]),
                 steps.get(library, lambda t, metric: scheduler.step(metric)))


def _each(n: int, rate: Callable[[int], float], tell: Callable[[int, float], Any]) -> list[float]:
    found = []
    for t in range(n):
        found.append(rate(t))
        tell(t, METRICS[t])
    return found


def _ignite(scheduler: Any, metric: float) -> None:
    from ignite.engine import Engine

    engine = Engine(lambda engine, batch: None)
    engine.state.metrics = {"loss": metric}
    scheduler(engine)


def _optax(call: str, names: dict[str, Any], n: int) -> list[float]:
    """The scale that it multiplies updates with, times LR: an update that is told a metric is the first to have it."""
    import jax.numpy as jnp

    transformation = eval(call, names)
    state = [transformation.init(jnp.zeros(1))]

    def tell(t: int, metric: float) -> None:
        state[0] = transformation.update(jnp.ones(1), state[0], value=metric)[1]

    return _each(n, lambda t: LR * float(state[0].scale), tell)
