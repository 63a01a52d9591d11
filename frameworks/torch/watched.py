"""A torch optimizer watched one update at a time: saved, resumed, compiled, with other weights and rules."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from frameworks.observation import GRADIENTS, SHAPES
from frameworks.schedule import Schedule
from frameworks.torch.schedules import Specified, build

#: The types a weight may have.
DTYPES = ("float16", "bfloat16", "float32", "float64")
#: The ways to run an update.
RUNS = ("eager", "compiled")
#: The fastest of them for many updates, where compiling takes its time.
FASTEST = "eager"
#: Of SGD's momentum: whether its state adds up updates (rates included) or gradients.
VELOCITY = False
#: Whether the rate that the optimizer reports is that of its next update, or of its last.
REPORTS_NEXT = True

#: The rules. Adam without memory (both betas 0) divides a gradient by its own size: what is left is the rate.
OPTIMIZERS = {
    "sgd": lambda groups, rate: torch.optim.SGD(groups, lr=rate),
    "momentum": lambda groups, rate: torch.optim.SGD(groups, lr=rate, momentum=0.5),
    "adam": lambda groups, rate: torch.optim.Adam(groups, lr=rate, betas=(0.0, 0.0), eps=0.0),
}


class Watched:
    """An optimizer with a schedule. Every update starts from weights of 0.

    multipliers: of the rate, one per parameter, each then in a group of its own. accumulation: batches per update.
    Compiled, the rate has to be a tensor: with a float torch.compile would compile again for each new rate.
    """

    def __init__(
        self, schedule: Schedule, *, build: Callable = build, optimizer: str = "sgd", dtype: str = "float32",
        run: str = "eager", multipliers: tuple[float, ...] | None = None, accumulation: int = 1,
    ) -> None:
        kind = getattr(torch, dtype)
        self.weights = [torch.nn.Parameter(torch.zeros(shape, dtype=kind)) for shape in SHAPES]
        groups = self.weights if multipliers is None else [
            {"params": [weight], "lr_mult": by} for weight, by in zip(self.weights, multipliers)]
        self.optimizer = OPTIMIZERS[optimizer](groups, torch.tensor(1.0) if run == "compiled" else 1.0)
        self.step = torch.compile(self.optimizer.step) if run == "compiled" else self.optimizer.step
        self.schedule, self.build, self.accumulation = schedule, build, accumulation
        self.divisors = [np.sign(gradient) if optimizer == "adam" else gradient for gradient in GRADIENTS]
        self.scheduler = build(schedule, self.optimizer)

    def update(self, *, overflow: bool = False) -> np.ndarray:
        """Make one update and return the rate each weight got: float64, shape (11,).

        overflow: the gradients are infinite. GradScaler then skips the update, and the scheduler is not stepped:
        `scaler.step` does not say so, its scale does.
        """
        self.optimizer.zero_grad()
        for weight in self.weights:
            weight.data.zero_()
        scaler = torch.amp.GradScaler("cpu", init_scale=2.0) if overflow else None  # torch 2.1 has none for the CPU
        for _ in range(self.accumulation):
            loss: Any = sum((weight * gradient).sum() for weight, gradient in zip(self.weights, GRADIENTS))
            loss = loss / self.accumulation
            (scaler.scale(loss * float("inf")) if scaler else loss).backward()
        if scaler is None:
            self.step()
            self.scheduler.step()
        else:
            before = scaler.get_scale()
            scaler.step(self.optimizer)
            scaler.update()
            if scaler.get_scale() >= before:
                self.scheduler.step()
        return np.concatenate([
            weight.detach().double().numpy().ravel() / -divisor
            for weight, divisor in zip(self.weights, self.divisors)])

    def reported(self) -> float:
        """Return the rate that the next update will use, as the optimizer's group says."""
        return float(self.optimizer.param_groups[0]["lr"])

    def read(self) -> None:
        """Do what only looks: print, ask for the rate, copy, pickle, plot a copy to its end."""
        _ = repr(self.optimizer), str(self.scheduler), self.scheduler.get_last_lr(), self.scheduler.state_dict()
        again = pickle.loads(pickle.dumps(copy.deepcopy(self.scheduler)))
        for _ in range(30):
            again.optimizer.step()
            again.step()

    def goto(self, t: int) -> None:
        """Stand where `t` updates have been made. A built-in class would have to make them: it gives way."""
        if not isinstance(self.scheduler, Specified):
            self.scheduler = Specified(self.optimizer, self.schedule)
        self.scheduler.last_epoch = t - 1
        self.optimizer.step()
        self.scheduler.step()

    def save(self) -> bytes:
        """Save what a torch user saves: the states of optimizer and scheduler."""
        file = io.BytesIO()
        torch.save({"optimizer": self.optimizer.state_dict(), "scheduler": self.scheduler.state_dict()}, file)
        return file.getvalue()

    def load(self, saved: bytes) -> None:
        """Go on from there: build both, load the optimizer, then the scheduler. The other order is wrong.

        A scheduler built after the optimizer was loaded writes the rate of update 0 into it.
        """
        states = torch.load(io.BytesIO(saved), weights_only=True)
        self.optimizer.load_state_dict(states["optimizer"])
        self.scheduler.load_state_dict(states["scheduler"])
