"""Random dicts of a scheduler for PyTorch Lightning, and the rates with which Lightning steps it."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

from parity.pages.coverage.other_libraries import build_optimizer
from parity.pages.coverage.reference import UPDATES_PER_EPOCH
from tests.harness.settings import Setting


def build(draw: random.Random) -> str:
    """Return a random dict, or a constructor alone."""
    scheduler = draw.choice([
        f"StepLR(optimizer, {draw.choice([1, 2, 5])}, gamma={draw.choice([0.5, 0.1])})",
        f"MultiStepLR(optimizer, milestones=[{draw.choice([1, 2, 3])}, 6])", "ExponentialLR(optimizer, gamma=0.9)",
        f"CosineAnnealingLR(optimizer, T_max={draw.choice([3, 10, 20])}, eta_min={draw.choice([0, 0.01])})",
        f"LinearLR(optimizer, start_factor={draw.choice([0.1, 0.5])}, total_iters={draw.choice([3, 6])})",
        f"PolynomialLR(optimizer, total_iters={draw.choice([5, 12])}, power={draw.choice([1.0, 2.0])})",
        f"CosineAnnealingWarmRestarts(optimizer, T_0={draw.choice([3, 5])}, T_mult={draw.choice([1, 2])})",
        f"OneCycleLR(optimizer, max_lr=0.5, total_steps={draw.choice([64, 80])}, cycle_momentum=False)",
        "SequentialLR(optimizer, schedulers=[ConstantLR(optimizer, factor=0.1, total_iters=2), "
        "ExponentialLR(optimizer, gamma=0.9)], milestones=[2])"])
    keys = draw.sample(['"interval": "step"', '"interval": "epoch"', f'"frequency": {draw.choice([1, 2, 3, 4])}',
                        '"name": "lr"', '"monitor": "val_loss"', '"strict": False'], draw.randint(0, 4))
    if not keys and draw.random() < 0.5:
        return scheduler
    whole = f'{{"scheduler": {scheduler}{"".join(f", {key}" for key in keys)}}}'
    return draw.choice([whole, f'{{"optimizer": optimizer, "lr_scheduler": {whole}}}', f"([optimizer], [{whole}])"])


def run(text: str, n: int) -> list[float]:
    """Return the rates with Lightning's configuration of the scheduler."""
    import torch

    optimizer = build_optimizer()
    return measure(optimizer, eval(text, vars(torch.optim.lr_scheduler) | {"optimizer": optimizer}), n)


def measure(optimizer: Any, value: Any, n: int) -> list[float]:
    """Return the rates with Lightning's rule for when to step a scheduler. value: what configure_optimizers returns."""
    from pytorch_lightning import LightningModule  # pyright: ignore[reportMissingImports]
    from pytorch_lightning.core import optimizer as core  # pyright: ignore[reportMissingImports]
    from pytorch_lightning.loops.training_epoch_loop import (  # pyright: ignore[reportMissingImports]
        _TrainingEpochLoop,
    )
    from pytorch_lightning.profilers import PassThroughProfiler  # pyright: ignore[reportMissingImports]

    value = {"optimizer": optimizer, "lr_scheduler": value} if isinstance(value, dict) and "scheduler" in value else (
        value if isinstance(value, dict | tuple) else ([optimizer], [value]))
    _, schedulers, monitor = core._configure_optimizers(value)
    configs = core._configure_schedulers_automatic_opt(schedulers, monitor)
    counter = SimpleNamespace(increment_ready=_do_nothing, increment_completed=_do_nothing)
    trainer: Any = SimpleNamespace(lr_scheduler_configs=configs, lightning_module=LightningModule(),
                                   profiler=PassThroughProfiler())
    loop: Any = SimpleNamespace(trainer=trainer, scheduler_progress=counter, _should_accumulate=lambda: False)
    loop._update_learning_rates = lambda **given: _TrainingEpochLoop._update_learning_rates(loop, **given)
    rates = []
    for update in range(n):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        loop.trainer.current_epoch, loop.batch_idx = divmod(update, UPDATES_PER_EPOCH)
        _TrainingEpochLoop.update_lr_schedulers(loop, "step", update_plateau_schedulers=False)
        if loop.batch_idx + 1 == UPDATES_PER_EPOCH:
            _TrainingEpochLoop.update_lr_schedulers(loop, "epoch", update_plateau_schedulers=False)
    return rates


def fit(text: str, n: int) -> list[float]:
    """Return the rates of a real training with Lightning's Trainer."""
    import logging

    import torch
    from pytorch_lightning import LightningModule, Trainer  # pyright: ignore[reportMissingImports]

    rates: list[float] = []

    class Model(LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(1, 1)

        def configure_optimizers(self) -> Any:
            optimizer = torch.optim.SGD(self.parameters(), lr=build_optimizer().param_groups[0]["lr"])
            value = eval(text, vars(torch.optim.lr_scheduler) | {"optimizer": optimizer})
            if isinstance(value, dict) and "scheduler" in value:
                return {"optimizer": optimizer, "lr_scheduler": value}
            return value if isinstance(value, dict | tuple) else ([optimizer], [value])

        def training_step(self, batch: Any, index: int) -> Any:
            rates.append(self.trainer.optimizers[0].param_groups[0]["lr"])
            return self.layer(batch).sum()

    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    trainer = Trainer(max_steps=n, accelerator="cpu", logger=False, enable_checkpointing=False,
                      enable_progress_bar=False, enable_model_summary=False)
    trainer.fit(Model(), torch.utils.data.DataLoader(torch.ones(UPDATES_PER_EPOCH, 1)))
    return rates


def _do_nothing() -> None:
    pass


SETTING = Setting("lightning", build, run, distributions=("pytorch_lightning",), train=fit)
