"""Random solver settings of detectron2, and the rates of the scheduler that build_lr_scheduler makes of them.

detectron2 is not in a registry: its repository must be on PYTHONPATH, and fvcore installed.
"""

from __future__ import annotations

import random
import shlex
from types import SimpleNamespace
from typing import Any

from parity.pages.coverage.other_libraries import build_optimizer
from tests.harness.settings import Setting

#: Updates of the training.
TOTAL = 64


def build(draw: random.Random) -> str:
    """Return random pairs."""
    name = draw.choice(["WarmupMultiStepLR", "WarmupMultiStepLR", "WarmupCosineLR", "WarmupStepWithFixedGammaLR"])
    steps = sorted(draw.sample(range(1, 80), draw.choice([1, 2, 3])))
    pairs = {"BASE_LR": draw.choice([0.02, 0.1]), "MAX_ITER": TOTAL, "LR_SCHEDULER_NAME": name,
             "STEPS": f"({', '.join(map(str, steps))},)", "WARMUP_ITERS": draw.choice([0, 1, 5, 20, 64, 100])}
    more = {"GAMMA": draw.choice([0.1, 0.5]), "WARMUP_FACTOR": draw.choice([0.0, 0.1, 1.0]),
            "WARMUP_METHOD": draw.choice(["linear", "constant"]), "RESCALE_INTERVAL": draw.choice([True, False]),
            "BASE_LR_END": draw.choice([0.0, 0.01]), "NUM_DECAYS": draw.choice([1, 2, 5]), "MOMENTUM": 0.9}
    pairs |= {key: more[key] for key in draw.sample(list(more), draw.randint(0, len(more)))}
    return " ".join(f"SOLVER.{key} {value}" for key, value in pairs.items())


def run(text: str, n: int) -> list[float]:
    """Return the rates of build_lr_scheduler with the configuration that merge_from_list returns."""
    from detectron2.config import get_cfg  # pyright: ignore[reportMissingImports]
    from detectron2.solver import build as solver  # pyright: ignore[reportMissingImports]

    cfg: Any = get_cfg()
    cfg.merge_from_list(shlex.split(text.replace(", ", ",")))
    optimizer = build_optimizer(cfg.SOLVER.BASE_LR)
    scheduler = solver.build_lr_scheduler(SimpleNamespace(SOLVER=cfg.SOLVER), optimizer)
    rates = []
    for _ in range(n):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(rates) < n:
            scheduler.step()
    return rates


SETTING = Setting("detectron2", build, run, {}, ("fvcore",))
