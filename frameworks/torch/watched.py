"""Measures each update of a torch optimizer: saved, resumed, compiled, with other weights and optimizers."""

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
#: The fastest of them for many updates; compiling takes time.
FASTEST = "eager"
#: Whether the state of SGD's momentum adds up updates, with their rates (True), or gradients (False).
VELOCITY = False
#: Whether the optimizer reports the rate of its next update (True) or of its last one (False).
REPORTS_NEXT = True

#: The optimizers. Adam with both betas 0 divides a gradient by its absolute value, so that it applies the bare rate.
OPTIMIZERS = {
    "sgd": lambda groups, rate: torch.optim.SGD(groups, lr=rate),
    "momentum": lambda groups, rate: torch.optim.SGD(groups, lr=rate, momentum=0.5),
    "adam": lambda groups, rate: torch.optim.Adam(groups, lr=rate, betas=(0.0, 0.0), eps=0.0),
}


class Watched:
    """Runs an optimizer with a schedule; every update starts from weights of 0.

    multipliers: the lr_mult of each parameter, each in a separate group (default: 1, in one group).
    accumulation: batches per update (default: 1).

    A compiled update needs its rate in a tensor: for a float, torch.compile would compile again at each new rate.
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
        """Make one update and return the rate that each weight got: float64, shape (11,).

        overflow: make the gradients infinite; GradScaler then skips the update, and the scheduler is not stepped.
        `scaler.step` does not report a skipped update; its scale, which is then lower, shows it.
        """
        self.optimizer.zero_grad()
        for weight in self.weights:
            weight.data.zero_()
        scaler = torch.amp.GradScaler("cpu", init_scale=2.0) if overflow else None  # not for the CPU in torch 2.1
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
            weight.detach().double().cpu().numpy().ravel() / -divisor
            for weight, divisor in zip(self.weights, self.divisors)])

    def read_reported_rate(self) -> float:
        """Return the rate that the optimizer reports: that of the next update."""
        return float(self.optimizer.param_groups[0]["lr"])

    def read(self) -> None:
        """Make only calls that must not change the rates: print, read the rate, copy, pickle, plot a copy."""
        _ = repr(self.optimizer), str(self.scheduler), self.scheduler.get_last_lr(), self.scheduler.state_dict()
        again = pickle.loads(pickle.dumps(copy.deepcopy(self.scheduler)))
        for _ in range(30):
            again.optimizer.step()
            again.step()

    def goto(self, t: int) -> None:
        """Set the count of updates made to `t`; a built-in class, which cannot skip updates, is replaced."""
        if not isinstance(self.scheduler, Specified):
            self.scheduler = Specified(self.optimizer, self.schedule)
        self.scheduler.last_epoch = t - 1
        self.optimizer.step()
        self.scheduler.step()

    def save(self) -> bytes:
        """Save what a torch user saves: the states of the optimizer and of the scheduler."""
        file = io.BytesIO()
        torch.save({"optimizer": self.optimizer.state_dict(), "scheduler": self.scheduler.state_dict()}, file)
        return file.getvalue()

    def load(self, saved: bytes) -> None:
        """Load the state of the optimizer, then that of the scheduler; both have been built again.

        Build both first: a scheduler built after the optimizer was loaded writes the rate of update 0 into it.
        """
        states = torch.load(io.BytesIO(saved), weights_only=True)
        self.optimizer.load_state_dict(states["optimizer"])
        self.scheduler.load_state_dict(states["scheduler"])
