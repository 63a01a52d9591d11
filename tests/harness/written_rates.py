"""Runs code that `port` wrote for another library, with that library, and returns the rates.

MMEngine needs its source only: its scheduler classes are built from what was written.
"""

# each library is in a separate environment
# pyright: reportMissingImports=false

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

from parity.pages.coverage import reference
from parity.pages.coverage.other_libraries import build_optimizer
from tests.harness.settings import detectron2, lightning, mlx, olmo


def run_transformers(code: str, n: int) -> list[float]:
    """Return the rates with scheduler.step() after every update."""
    names = _execute(code)
    return _step(names["optimizer"], n, lambda t: names["scheduler"].step())


def run_timm(code: str, n: int) -> list[float]:
    """Return the rates with step_update() after every update."""
    names = _execute(code)
    return _step(names["optimizer"], n, names["scheduler"].step_update)


def run_composer(code: str, n: int) -> list[float]:
    """Return the rates of a training of n batches."""
    import torch
    from composer.core import State
    from composer.devices import DeviceCPU
    from composer.optim.scheduler import compile_composer_scheduler

    names = _execute(code)
    state = State(model=torch.nn.Linear(1, 1), rank_zero_seed=0, run_name="rates", device=DeviceCPU(),
                  max_duration=f"{n}ba", optimizers=names["optimizer"])
    scheduler = compile_composer_scheduler(names["scheduler"], state)

    def step(t: int) -> None:
        state.timestamp = state.timestamp.to_next_batch()
        scheduler.step()

    return _step(names["optimizer"], n, step)


def run_fvcore(code: str, n: int) -> list[float]:
    """Return the rates of the first n updates of the training."""
    names = _execute(code)
    return [names["scheduler"](t / names["TOTAL"]) for t in range(n)]


def run_paddle(code: str, n: int) -> list[float]:
    """Return the rates with scheduler.step() after every update."""
    import paddle

    names: dict[str, Any] = {"model": paddle.nn.Linear(1, 1)}
    exec(code, names)
    rates = []
    for _ in range(n):
        rates.append(float(names["scheduler"]()))
        names["scheduler"].step()
    return rates


def run_gluoncv(code: str, n: int) -> list[float]:
    """Return what a Trainer receives: it calls the scheduler with 1 first."""
    names = dict(reference.import_members("gluoncv"))
    exec("\n".join(line for line in code.splitlines() if "import" not in line), names)
    return [float(names["lr_scheduler"](t + 1)) for t in range(n)]


def run_mmengine(code: str, n: int) -> list[float]:
    """Return the rates with all schedulers stepped after every update."""
    from mmengine.optim import scheduler as classes

    names: dict[str, Any] = {}
    exec(code, names)
    optimizer = build_optimizer(names["optim_wrapper"]["optimizer"]["lr"])
    built = [getattr(classes, entry.pop("type"))(optimizer, **entry) for entry in names["param_scheduler"]]
    return _step(optimizer, n, lambda t: [scheduler.step() for scheduler in built])


def run_lightning(code: str, n: int) -> list[float]:
    """Return the rates with the steps that Lightning makes."""
    names = _execute(code)
    return lightning.measure(names["optimizer"], names["lr_scheduler"], n)


def run_mlx(code: str, n: int) -> list[float]:
    """Return the rates of an optimizer of MLX."""
    names: dict[str, Any] = {}
    exec(code, names)
    return mlx.measure(names["optimizer"], n)


def run_ignite(code: str, n: int) -> list[float]:
    """Return the rates of a training of n iterations."""
    from ignite.engine import Engine

    rates: list[float] = []
    trainer = Engine(lambda engine, batch: rates.append(names["optimizer"].param_groups[0]["lr"]))
    names = _execute(code, trainer=trainer)
    trainer.run([0] * n, max_epochs=1)
    return rates


def run_olmo(code: str, n: int) -> list[float]:
    """Return the rates that the trainer sets."""
    names: dict[str, Any] = {}
    exec(code, names)
    return olmo.measure(names["scheduler"], names["LR"], names["TOTAL"], n)


def run_settings(library: str, code: str, n: int) -> list[float]:
    """Return the rates of a configuration or arguments, of a library whose users have no constructor."""
    return reference.measure_rates(library, code, n)


def _execute(code: str, **more: Any) -> dict[str, Any]:
    parameters = build_optimizer(1.0).param_groups[0]["params"]
    model = SimpleNamespace(parameters=lambda: parameters)
    names: dict[str, Any] = {"model": model, "self": model, **more}
    exec(code, names)
    return names


def _step(optimizer: Any, n: int, step: Callable[[int], Any]) -> list[float]:
    """Return the optimizer's rate before each update. step: called after an update with the number of updates made."""
    rates = []
    for t in range(n):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        step(t + 1)
    return rates


#: The module of a library, unless it has the same name.
MODULES = {"lightning": "pytorch_lightning", "olmo": "olmo_core"}
RUN: dict[str, Callable[[str, int], list[float]]] = {
    "transformers": run_transformers, "timm": run_timm, "paddle": run_paddle, "composer": run_composer,
    "fvcore": run_fvcore, "gluoncv": run_gluoncv, "mmengine": run_mmengine,
    "lightning": run_lightning, "mlx": run_mlx, "detectron2": detectron2.run, "ignite": run_ignite, "olmo": run_olmo,
    **{library: partial(run_settings, library) for library in ("deepspeed", "megatron", "torchtitan", "fairseq")}}
