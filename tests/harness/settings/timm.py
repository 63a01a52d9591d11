"""Random arguments of timm's train.py, and the rates of the scheduler that it makes of them."""

from __future__ import annotations

import importlib.util
import os
import random
import shlex
from pathlib import Path
from typing import Any

from parity.pages.coverage.other_libraries import build_optimizer
from parity.pages.coverage.reference import UPDATES_PER_EPOCH
from tests.harness.settings import Setting

#: The variable of the environment with the path of train.py, which the package does not have.
SCRIPT = "TIMM_TRAIN"


def build(draw: random.Random) -> str:
    """Return a random text of arguments."""
    name = draw.choice(["cosine", "cosine", "poly", "step", "multistep", "wsd", "rsqrt", "constant"])
    parts = ["--sched", name, "--lr", draw.choice(["0.4", "0.1"]), "--epochs", str(draw.choice([4, 9, 13]))]
    parts += draw.choice([["--warmup-epochs", "0"], ["--warmup-epochs", "2"], ["--warmup-epochs", "3"], []]
                         if name not in ("wsd", "rsqrt") else [["--warmup-epochs", "2"], ["--warmup-epochs", "0"]])
    flags = ["--sched-on-updates", "--warmup-prefix", "--warmup-lr 0.01", "--cooldown-epochs 2", "--model resnet18"]
    flags += {"cosine": ["--min-lr 0.01", "--lr-cycle-limit 2", "--lr-cycle-mul 2", "--lr-k-decay 1.5",
                         "--lr-cycle-decay 0.3"],
              "poly": ["--min-lr 0.01", "--decay-rate 0.9", "--lr-k-decay 0.5"],
              "step": ["--decay-epochs 2.4", "--decay-epochs 3", "--decay-rate 0.5"],
              "multistep": ["--decay-milestones 3 5 8", "--dr 0.5"], "wsd": ["--decay-epochs 0.3", "--min-lr 0.01"],
              "rsqrt": ["--decay-epochs 2"]}.get(name, [])
    if name in ("wsd", "rsqrt"):
        parts += ["--decay-epochs", draw.choice(["0.2", "0.4", "1", "2"])]
    for flag in draw.sample(flags, draw.randint(0, len(flags))):
        parts += flag.split()
    return shlex.join(parts)


def run(text: str, n: int) -> list[float]:
    """Return the rates of create_scheduler_v2 with the arguments that train.py's parser returns, stepped as there."""
    from timm.scheduler import create_scheduler_v2, scheduler_kwargs  # pyright: ignore[reportMissingImports]

    arguments = _read_script().parser.parse_args([*shlex.split(text), "--data-dir", "."])
    optimizer = build_optimizer(arguments.lr)
    scheduler, _ = create_scheduler_v2(optimizer, **scheduler_kwargs(arguments), updates_per_epoch=UPDATES_PER_EPOCH)
    rates = []
    for updates in range(1, n + 1):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step_update(num_updates=updates)
        if updates % UPDATES_PER_EPOCH == 0:
            scheduler.step(updates // UPDATES_PER_EPOCH, None)
    return rates


_LOADED: list[Any] = []


def _read_script() -> Any:
    """Import train.py from the path in the environment."""
    if not _LOADED:
        spec = importlib.util.spec_from_file_location("timm_train", Path(os.environ[SCRIPT]))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        _LOADED.append(module)
    return _LOADED[0]


SETTING = Setting("timm", build, run, {"updates_per_epoch": UPDATES_PER_EPOCH}, ("timm",))
