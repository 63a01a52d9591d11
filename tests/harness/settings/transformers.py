"""Random TrainingArguments of transformers, and the rates of the scheduler that its Trainer builds."""

from __future__ import annotations

import random
import tempfile
from types import SimpleNamespace
from typing import Any

from parity.pages.coverage.other_libraries import build_optimizer
from tests.harness.settings import Setting, write_call

#: Updates in an epoch.
EPOCH = 10


def build(draw: random.Random) -> str:
    """Return a random call of TrainingArguments."""
    name = draw.choice(["linear", "cosine", "cosine_with_restarts", "polynomial", "constant", "constant_with_warmup",
                        "inverse_sqrt", "cosine_with_min_lr", "cosine_warmup_with_min_lr", "warmup_stable_decay"])
    options: dict[str, Any] = {
        "cosine": draw.choice([{}, {"num_cycles": 1}]), "polynomial": {"lr_end": 0.001, "power": 2.0},
        "cosine_with_restarts": {"num_cycles": draw.choice([1, 2, 3])},
        "cosine_with_min_lr": draw.choice([{"min_lr": 0.01}, {"min_lr_rate": 0.1}]),
        "cosine_warmup_with_min_lr": {"min_lr_rate": 0.1, **draw.choice([{}, {"warmup_lr_rate": 0.2}])},
        "warmup_stable_decay": {"num_decay_steps": draw.choice([1, 5, 9])}}.get(name, {})
    given: dict[str, Any] = draw.choice([{"learning_rate": 0.2}, {"learning_rate": 0.2}, {}])
    given["lr_scheduler_type"] = name
    if options:
        given["lr_scheduler_kwargs"] = options
    warm = draw.choice([0, 1, 3, 7, 2.5, 0.03, 0.11, 0.5])
    if warm:
        given["warmup_steps"] = warm
    given |= draw.choice([{}, {"num_train_epochs": draw.choice([1, 2.55, 4.0])}, {"max_steps": draw.choice([8, 31])}])
    return write_call("TrainingArguments", **given)


def run(text: str, n: int) -> list[float]:
    """Return the rates of the scheduler that the Trainer builds for the length that it computes."""
    from transformers import Trainer, TrainingArguments  # pyright: ignore[reportMissingImports]

    with tempfile.TemporaryDirectory() as folder:
        arguments = eval(text, {"TrainingArguments": lambda **given: TrainingArguments(folder, use_cpu=True, **given)})
    optimizer = build_optimizer(arguments.learning_rate)
    trainer: Any = SimpleNamespace(
        args=arguments, optimizer=optimizer, lr_scheduler=None, get_sp_size=lambda: 1, num_examples=len,
        get_total_train_batch_size=lambda args: 1)
    values = Trainer.set_initial_training_values(trainer, arguments, range(EPOCH))
    Trainer.create_scheduler(trainer, values[-1], optimizer)
    rates = []
    for _ in range(n):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        trainer.lr_scheduler.step()
    return rates


SETTING = Setting("transformers", build, run, {"updates_per_epoch": EPOCH}, ("transformers",))
