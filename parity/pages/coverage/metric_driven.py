"""Gives schedulers that depend on a metric a fixed list of metrics, so that their rates are a function of `t`."""

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

#: One after each update: eight improvements, then slowly decreasing noise. No decision depends on the last bit.
METRICS = (*(1.0 / (1 + t) for t in range(8)),
           *(0.11 - 0.0001 * t + 0.02 * (t * t * 37 % 101) / 101 for t in range(112)))


class MetricDriven(ScheduleModel):
    """The rates of `reduce_on_plateau` with METRICS, the first metric after update 0.

    kind: always "reduce_on_plateau".
    plateau: the specification.
    """

    kind: Literal["reduce_on_plateau"] = "reduce_on_plateau"
    plateau: ReduceOnPlateau

    def _compute_at(self, t: int) -> float:
        return self.plateau.lr(METRICS[:t])

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        return np.array([self.plateau.lr([]), *self.plateau.lrs(METRICS)])[t]

    @property
    def horizon(self) -> int:
        """Return a horizon in updates; METRICS covers 2.5 of them, and a few updates more."""
        return 2 * len(METRICS) // 5 - 4

    @property
    def largest(self) -> float:
        """Return the largest rate, which is the first one."""
        return self.plateau.base_lr

    def model_dump(self, **how: Any) -> dict[str, Any]:
        """Return the fields of the specification."""
        return self.plateau.model_dump(**how)

    def model_dump_json(self, **how: Any) -> str:
        """Return the specification in JSON."""
        return self.plateau.model_dump_json(**how)


def build_plateau(**fields: Any) -> MetricDriven:
    """Return the specification with common defaults and these fields, for an optimizer with rate LR."""
    return MetricDriven(plateau=ReduceOnPlateau(**{"base_lr": LR, "factor": 0.1, "patience": 10} | fields))


def read_specification(data: dict[str, Any]) -> Schedule | MetricDriven:
    """Read a row's specification from its JSON data."""
    if data["kind"] == METRIC_DRIVEN:
        return MetricDriven(plateau=ReduceOnPlateau(**data))
    return ADAPTER.validate_python(data)


def measure_rates(library: str, call: str, names: dict[str, Any], n: int) -> list[float]:
    """Return the rates of a library's scheduler for updates 0 to n - 1; it receives METRICS[k] after update k."""
    if library == "optax":
        return _run_optax(call, names, n)
    if library == "paddle":
        scheduler = eval(call, names)
        return _run(n, lambda t: float(scheduler()), lambda t, metric: scheduler.step(metric))
    if library == "keras":
        import keras

        model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(LR))
        callback = eval(call, names)
        callback.set_model(model)
        callback.on_train_begin()
        return _run(n, lambda t: float(model.optimizer.learning_rate),
                    lambda t, metric: callback.on_epoch_end(t, {"val_loss": metric}))
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=LR)
    scheduler = eval(call, names | {"optimizer": optimizer})
    steps: dict[str, Callable[[int, float], Any]] = {
        "timm": lambda t, metric: scheduler.step(t + 1, metric),
        "mmengine": lambda t, metric: scheduler.step({"loss": metric}),
        "ignite": lambda t, metric: _step_ignite(scheduler, metric)}
    return _run(n, lambda t: float(optimizer.param_groups[0]["lr"]),
                steps.get(library, lambda t, metric: scheduler.step(metric)))


def _run(n: int, rate: Callable[[int], float], step: Callable[[int, float], Any]) -> list[float]:
    """Return the rate before each update. step: gives the scheduler update t and its metric."""
    rates = []
    for t in range(n):
        rates.append(rate(t))
        step(t, METRICS[t])
    return rates


def _step_ignite(scheduler: Any, metric: float) -> None:
    from ignite.engine import Engine

    engine = Engine(lambda engine, batch: None)
    engine.state.metrics = {"loss": metric}
    scheduler(engine)


def _run_optax(call: str, names: dict[str, Any], n: int) -> list[float]:
    """Return LR times the scale of the updates. The update that receives a metric is the first with the new scale."""
    import jax.numpy as jnp

    transformation = eval(call, names)
    state = [transformation.init(jnp.zeros(1))]

    def step(t: int, metric: float) -> None:
        state[0] = transformation.update(jnp.ones(1), state[0], value=metric)[1]

    return _run(n, lambda t: LR * float(state[0].scale), step)
