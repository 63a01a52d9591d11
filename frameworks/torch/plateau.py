"""Reduces the rate on a plateau in PyTorch: by the built-in ReduceLROnPlateau where it is exact.

    plateau = build_plateau(ReduceOnPlateau(base_lr=0.1, factor=0.1, patience=10), optimizer)
    for epoch in range(epochs):
        ...  # optimizer.step() for every batch
        plateau.step(validation_loss)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Sequence

import numpy
import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau

from frameworks.observation import GRADIENTS, SHAPES, SIZES, Observation
from frameworks.schedule import ReduceOnPlateau
from frameworks.schedule.plateau import PlateauState
from frameworks.torch.schedules import _is_rounded_once

_STATE = PlateauState.__required_keys__


class Plateau:
    """Sets the rate of an optimizer, and reduces it when the metrics given to `step` do not improve.

    Based on torch.optim.lr_scheduler.ReduceLROnPlateau. Differs: can count and compute as Keras does; keeps the rate
    here. The groups get the nearest float32, times their `lr_mult` if they have one. The state includes the rate, which
    torch saves in the optimizer's state only.

    plateau: the rule.
    optimizer: the optimizer; all its groups get the rate.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L1584
    """

    def __init__(self, plateau: ReduceOnPlateau, optimizer: Optimizer) -> None:
        self.plateau, self.optimizer = plateau, optimizer
        self.patience, self.ignored = plateau.patience, plateau.cooldown
        if plateau.rule == "reaches":  # as torch counts: bad metrics allowed, and metrics ignored
            self.patience, self.ignored = max(plateau.patience, 1) - 1, max(plateau.cooldown, 1) - 1
        self.dtype = getattr(torch, plateau.precision)
        self.load_state_dict({"rate": self._round(plateau.base_lr), "best": None, "bad": 0, "cooldown": 0})

    def step(self, metric: float) -> None:
        """Process a metric and set the rate of the next updates."""
        current = float(metric)
        ignored = self.cooldown > 0 and self.plateau.in_cooldown == "ignore"
        if not ignored and self._is_better(current):
            self.best = current
            self.bad = 0
        else:
            self.bad += 1
        if self.cooldown > 0:
            self.cooldown -= 1
            self.bad = 0
        if self.bad > self.patience:
            new = max(self.rate * self.plateau.factor, self.plateau.min_lr)
            if self.rate - new > self.plateau.least_change:
                self.rate = self._round(new)
            self.cooldown = self.ignored
            self.bad = 0
        self._set()

    def state_dict(self) -> PlateauState:
        """Return the state to save with the optimizer's state: plain numbers."""
        return {"rate": self.rate, "best": self.best, "bad": self.bad, "cooldown": self.cooldown}

    def load_state_dict(self, state: PlateauState) -> None:
        """Load a state of `state_dict`, and set its rate."""
        if set(state) != _STATE:
            raise ValueError(f"the state must have {', '.join(sorted(_STATE))}, got {', '.join(map(str, state))}")
        self.rate, self.best, self.bad, self.cooldown = state["rate"], state["best"], state["bad"], state["cooldown"]
        self._set()

    def _is_better(self, current: float) -> bool:
        plateau, best = self.plateau, self.best
        if best is None:
            return plateau.rule == "reaches" or (current < torch.inf if plateau.direction == "min"
                                                 else current > -torch.inf)
        if plateau.threshold_mode == "relative":
            best = best * (1.0 - plateau.threshold if plateau.direction == "min" else plateau.threshold + 1.0)
        elif plateau.precision == "float64":
            best = best - plateau.threshold if plateau.direction == "min" else best + plateau.threshold
        else:
            current = current + plateau.threshold if plateau.direction == "min" else current - plateau.threshold
        current, best = self._round(current), self._round(best)
        return current < best if plateau.direction == "min" else current > best

    def _round(self, number: float) -> float:
        return torch.tensor(number, dtype=torch.float64).to(self.dtype).item()

    def _set(self) -> None:
        rate = float(numpy.float32(self.rate))
        for group in self.optimizer.param_groups:
            group_rate = float(numpy.float32(rate * group.get("lr_mult", 1.0)))
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(group_rate)
            else:
                group["lr"] = group_rate


def build_plateau(plateau: ReduceOnPlateau, optimizer: Optimizer) -> ReduceLROnPlateau | Plateau:
    """Set the first rate and return the object whose `step(metric)` to call, usually after each epoch.

    It is the built-in class if that is exact: with SGD, and with torch's rule and precision.

    plateau: the rule.
    optimizer: the optimizer; all its groups get the rate.

    Raises TypeError if `plateau` is not a ReduceOnPlateau.
    """
    if not isinstance(plateau, ReduceOnPlateau):
        raise TypeError(f"not a reduce_on_plateau: {plateau!r}")
    of_torch = ("exceeds", "watch", "float64")
    if (plateau.rule, plateau.in_cooldown, plateau.precision) != of_torch or not _is_rounded_once(optimizer):
        return Plateau(plateau, optimizer)
    for group in optimizer.param_groups:
        group["lr"] = plateau.base_lr
    return ReduceLROnPlateau(
        optimizer, mode=plateau.direction, factor=plateau.factor, patience=plateau.patience,
        threshold=plateau.threshold, threshold_mode="rel" if plateau.threshold_mode == "relative" else "abs",
        cooldown=plateau.cooldown, min_lr=plateau.min_lr, eps=plateau.least_change)


def observe_plateau(
    plateau: ReduceOnPlateau, metrics: Sequence[float], *, updates: int = 1, build: Callable = build_plateau,
    resume_at: Container[int] = (),
) -> Observation:
    """Make updates with plain SGD before the first metric and after each metric; return the rates they applied.

    plateau: the rule.
    metrics: the metrics, in order.
    updates: updates before the first metric, and after each, 1 or more (default: 1).
    build: builds what has `step`, from the rule and the optimizer (default: `build_plateau`).
    resume_at: counts of metrics after which the states are saved as JSON and loaded into new objects (default: none).
    """
    def build_all() -> tuple:
        memory = torch.zeros(sum(SIZES))
        weights = [torch.nn.Parameter(part.view(shape)) for part, shape in zip(memory.split(SIZES), SHAPES)]
        for weight, gradient in zip(weights, GRADIENTS):
            weight.grad = torch.full_like(weight, gradient)
        optimizer = torch.optim.SGD(weights, lr=1.0)
        return memory, optimizer, build(plateau, optimizer)

    memory, optimizer, watched = build_all()
    seen, reported = [], []
    for count in range(len(metrics) + 1):
        if count in resume_at:
            saved = json.dumps([optimizer.state_dict(), watched.state_dict()])
            memory, optimizer, watched = build_all()
            of_optimizer, of_plateau = json.loads(saved)
            optimizer.load_state_dict(of_optimizer)
            watched.load_state_dict(of_plateau)
        for _ in range(updates):
            memory.zero_()
            reported.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            seen.append(memory.numpy().copy())
        if count < len(metrics):
            watched.step(metrics[count])
    return Observation.from_weights(numpy.array(seen), reported)
