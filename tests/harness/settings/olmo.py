"""Random schedulers of OLMo-core, and the rates that they set in the updates of a training."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

from parity.pages.coverage.other_libraries import build_optimizer
from parity.pages.coverage.row import LR
from tests.harness.settings import Setting, write_call

#: Updates of the training.
TOTAL = 60


def build(draw: random.Random) -> str:
    """Return a random constructor, or a sequence of them."""
    if draw.random() < 0.8:
        return _build_one(draw)
    lengths = [draw.choice([10, 20]) for _ in range(draw.choice([1, 2]))]
    parts = ", ".join(_build_one(draw) for _ in range(len(lengths) + 1))
    return f"SequentialScheduler(schedulers=[{parts}], schedulers_max={lengths})"


def _build_one(draw: random.Random) -> str:
    name = draw.choice(["ConstantScheduler", "ConstantWithWarmup", "WSD", "PowerLR", "LinearWithWarmup",
                        "CosWithWarmup", "HalfCosWithWarmup", "CosWithWarmupAndLinearDecay", "InvSqrtWithWarmup",
                        "ExponentialScheduler"])
    if name == "ConstantScheduler":
        return "ConstantScheduler()"
    if name == "ExponentialScheduler":
        return draw.choice(["ExponentialScheduler()", "ExponentialScheduler(lr_min=0.01)"])
    given: dict[str, Any] = draw.choice([{"warmup": draw.choice([0, 1, 5, 9, 30])},
                                         {"warmup_fraction": draw.choice([0.1, 0.33])}, {"warmup_steps": 4}])
    given |= draw.choice([{}, {"warmup_min_lr": 0.001}])
    if name in ("WSD", "PowerLR", "CosWithWarmupAndLinearDecay"):
        given |= draw.choice([{}, {"decay_fraction": 0.25}, {"decay": draw.choice([1, 4, 55]), "decay_fraction": None}])
        given |= draw.choice([{}, {"decay_min_lr": 0.002}])
    if name == "PowerLR":
        given |= draw.choice([{}, {"b": -1.0}])
    elif name not in ("ConstantWithWarmup", "WSD"):
        given |= draw.choice([{}, {"alpha_f": 0.0}, {"alpha_f": 0.5}])
    if name in ("LinearWithWarmup", "CosWithWarmup", "HalfCosWithWarmup"):
        given |= draw.choice([{}, {}, {"t_max": 40}])
    return write_call(name, **given)


def run(text: str, n: int) -> list[float]:
    """Return the rates that set_lr sets before each update, after the trainer has counted it."""
    from olmo_core.optim import scheduler as schedulers  # pyright: ignore[reportMissingImports]

    return measure(eval(text, vars(schedulers).copy()), LR, TOTAL, n)


def measure(scheduler: Any, lr: float, total: int, n: int) -> list[float]:
    """Return the rates of a scheduler. lr: the optimizer's rate. total: updates of the training."""
    group, trainer = build_optimizer(lr).param_groups[0], SimpleNamespace(global_step=0, max_steps=total)
    rates = []
    for _ in range(n):
        trainer.global_step += 1
        rates.append(float(scheduler.set_lr(group, trainer)))
    return rates


SETTING = Setting("olmo", build, run, {"lr": LR, "total": TOTAL}, ("ai2-olmo-core",))
