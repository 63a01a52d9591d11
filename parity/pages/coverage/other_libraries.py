"""Runs the schedulers of each library that is not part of the gate, as its documentation describes.

The arguments are the text of a constructor, the names in the library's modules, and a number of updates. Only
`python -m parity coverage-record` uses this module, in an environment with the library.
"""

# each library is in a separate environment
# pyright: reportMissingImports=false

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from parity.pages.coverage.reference import TOTAL, UPDATES_PER_EPOCH
from parity.pages.coverage.row import LR

Names = dict[str, Any]


def build_optimizer(lr: float = LR) -> Any:
    """Return plain SGD of torch with a gradient. lr: its rate (default: LR)."""
    import torch

    weight = torch.nn.Parameter(torch.zeros(1))
    weight.grad = torch.ones(1)
    return torch.optim.SGD([weight], lr=lr)


def optax(call: str, names: Names, n: int) -> list[float]:
    """Return the rates of a function of the number of updates already made, in float32, JAX's default."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    schedule = eval(call, names)
    return [float(schedule(t)) for t in range(n)]


def transformers(call: str, names: Names, n: int) -> list[float]:
    """Return the rates of a LambdaLR that is stepped after every update."""
    optimizer = build_optimizer()
    scheduler = eval(call, names | {"optimizer": optimizer})
    rates = []
    for _ in range(n):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def timm(call: str, names: Names, n: int) -> list[float]:
    """Return the rates with step_update() after every update and step() after every epoch, as in timm's train.py."""
    optimizer = build_optimizer()
    scheduler = eval(call, names | {"optimizer": optimizer})
    rates = []
    for updates in range(1, n + 1):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step_update(num_updates=updates)
        if updates % UPDATES_PER_EPOCH == 0:
            scheduler.step(updates // UPDATES_PER_EPOCH)
    return rates


def fvcore(call: str, names: Names, n: int) -> list[float]:
    """Return the rates of a function of the completed share of the training, from 0 to just below 1."""
    scheduler = eval(call, names)
    return [scheduler(t / TOTAL) for t in range(n)]


def ignite(call: str, names: Names, n: int) -> list[float]:
    """Return the rates of a handler of Events.ITERATION_STARTED."""
    from ignite.engine import Engine, Events

    optimizer = build_optimizer()
    rates = []

    def update(engine: Engine, batch: Any) -> None:
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()

    trainer = Engine(update)
    trainer.add_event_handler(Events.ITERATION_STARTED, eval(call, names | {"optimizer": optimizer}))
    trainer.run([0] * n, max_epochs=1)
    return rates


def composer(call: str, names: Names, n: int) -> list[float]:
    """Return the rates of a scheduler that is compiled for a training of TOTAL batches."""
    import torch
    from composer.core import State
    from composer.devices import DeviceCPU

    optimizer = build_optimizer()
    state = State(model=torch.nn.Linear(1, 1), rank_zero_seed=0, run_name="rates", device=DeviceCPU(),
                  max_duration=f"{TOTAL}ba", optimizers=optimizer)
    scheduler = names["compile_composer_scheduler"](eval(call, names), state)
    rates = []
    for _ in range(n):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        state.timestamp = state.timestamp.to_next_batch()
        scheduler.step()
    return rates


def paddle(call: str, names: Names, n: int) -> list[float]:
    """Return the rates of a scheduler that is called before and stepped after every update."""
    scheduler = eval(call, names)
    rates = []
    for _ in range(n):
        rates.append(float(scheduler()))
        scheduler.step()
    return rates


def mmengine(call: str, names: Names, n: int) -> list[float]:
    """Return the rates of a scheduler that is stepped after every update, with by_epoch after every epoch."""
    optimizer = build_optimizer()
    scheduler = eval(call, names | {"optimizer": optimizer})
    rates = []
    for updates in range(1, n + 1):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if not scheduler.by_epoch or updates % UPDATES_PER_EPOCH == 0:
            scheduler.step()
    return rates


def olmo(call: str, names: Names, n: int) -> list[float]:
    """Return the rates that are set before each update of TOTAL, after the trainer has counted it."""
    scheduler = eval(call, names.copy())
    return [float(scheduler.get_lr(LR, update, TOTAL)) for update in range(1, n + 1)]


def mlx(call: str, names: Names, n: int) -> list[float]:
    """Return the rates of a function of the number of updates already made, an array of whole numbers, in float32."""
    import mlx.core

    schedule = eval(call, names.copy())
    return [float(schedule(mlx.core.array(t, mlx.core.uint64))) for t in range(n)]


def import_gluoncv() -> ModuleType:
    """Import GluonCV's lr_scheduler.py only; the rest of the package cannot be imported with NumPy 1.26."""
    import frameworks.numpy_bool  # noqa: F401

    if "gluoncv_lr_scheduler" not in sys.modules:
        path = importlib.metadata.distribution("gluoncv").locate_file("gluoncv/utils/lr_scheduler.py")
        spec = importlib.util.spec_from_file_location("gluoncv_lr_scheduler", str(path))
        assert spec is not None  # as for every file that ends in .py
        assert spec.loader is not None
        module = sys.modules["gluoncv_lr_scheduler"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["gluoncv_lr_scheduler"]


ASKED: dict[str, Callable[[str, Names, int], list[float]]] = {
    "optax": optax, "transformers": transformers, "timm": timm, "fvcore": fvcore, "ignite": ignite,
    "composer": composer, "paddle": paddle, "mmengine": mmengine, "olmo": olmo, "mlx": mlx}
