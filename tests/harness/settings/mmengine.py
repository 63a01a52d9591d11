"""Random param_scheduler of mmengine, and the rates of the schedulers that its runner builds and steps."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

from parity.pages.coverage.other_libraries import build_optimizer
from parity.pages.coverage.reference import TOTAL, UPDATES_PER_EPOCH
from tests.harness.settings import Setting, write_call


def build(draw: random.Random) -> str:
    """Return a random list of one to three dicts, whose ranges follow each other or overlap."""
    parts, start = [], 0.0
    for _ in range(draw.choice([1, 1, 2, 2, 3])):
        by_epoch = draw.random() < 0.5
        unit = UPDATES_PER_EPOCH if by_epoch else 1
        begin = int(-(-start // unit)) if draw.random() < 0.75 else draw.choice([0, int(start) // unit // 2])
        end = begin + draw.choice([1, 2, 3, 5, 6] if by_epoch else [1, 4, 9, 16, 20])
        part: dict[str, Any] = _build_curve(draw, end - begin)
        part |= {"begin": begin, "end": end} if draw.random() < 0.8 else {"begin": begin}
        if not by_epoch:
            part["by_epoch"] = False
        elif draw.random() < 0.5:
            part["convert_to_iter_based"] = True
        if begin * unit < TOTAL:
            parts.append(write_call("dict", **part))
        start = end * unit
    return f"[{', '.join(parts)}]" if len(parts) != 1 or draw.random() < 0.5 else parts[0]


def _build_curve(draw: random.Random, count: int) -> dict[str, Any]:
    name = draw.choice(["LinearLR", "LinearLR", "ConstantLR", "StepLR", "MultiStepLR", "ExponentialLR",
                        "CosineAnnealingLR", "CosineAnnealingLR", "PolyLR", "OneCycleLR"])
    low = draw.choice([{}, {"eta_min": 0.01}, {"eta_min_ratio": 0.1}])
    return {"type": name, **{
        "LinearLR": {"start_factor": draw.choice([0.001, 0.5, 1.0]), "end_factor": draw.choice([1.0, 1.0, 0.2])},
        "ConstantLR": draw.choice([{}, {"factor": 0.1}]),
        "StepLR": {"step_size": draw.choice([1, 2, 3]), "gamma": draw.choice([0.5, 0.1, 1.5])},
        "MultiStepLR": {"milestones": sorted(draw.sample(range(1, 8), 2)), "gamma": 0.5},
        "ExponentialLR": {"gamma": draw.choice([0.9, 0.5])},
        "CosineAnnealingLR": low | draw.choice([{}, {"T_max": count}, {"T_max": count + 3}, {"T_max": 2}]),
        "PolyLR": {"power": draw.choice([0.9, 1.0, 2.0]), "eta_min": draw.choice([0, 0, 0.01])},
        "OneCycleLR": {"eta_max": 0.5, "pct_start": draw.choice([0.3, 0.5])}}[name]}


def run(text: str, n: int) -> list[float]:
    """Return the rates of the schedulers that Runner builds, stepped by its ParamSchedulerHook."""
    from mmengine.hooks import ParamSchedulerHook  # pyright: ignore[reportMissingImports]
    from mmengine.runner import BaseLoop, Runner  # pyright: ignore[reportMissingImports]

    class Loop(BaseLoop):
        def __init__(self) -> None:
            pass

        def run(self) -> None:
            pass

    optimizer = build_optimizer()
    runner: Any = SimpleNamespace(
        _train_loop=Loop(), max_epochs=TOTAL // UPDATES_PER_EPOCH, max_iters=TOTAL, train_dataloader=range(
            UPDATES_PER_EPOCH), logger=SimpleNamespace(debug=lambda text: None))
    value = eval(text)
    runner.param_schedulers = Runner._build_param_scheduler(runner, value, optimizer)
    hook, rates = ParamSchedulerHook(), []
    for update in range(n):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        hook.after_train_iter(runner, update)
        if (update + 1) % UPDATES_PER_EPOCH == 0:
            hook.after_train_epoch(runner)
    return rates


SETTING = Setting("mmengine", build, run, distributions=("mmengine",))
