"""Reduces the rate on a plateau in PyTorch, with a ReduceLROnPlateau that also counts and computes as Keras does.

    plateau = build_plateau(ReduceOnPlateau(base_lr=0.1, factor=0.1, patience=10), optimizer)
    for epoch in range(epochs):
        ...  # optimizer.step() for every batch
        plateau.step(validation_loss)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Sequence
from typing import Any, SupportsFloat

import numpy
import torch
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau

from frameworks.observation import GRADIENTS, SHAPES, SIZES, Observation
from frameworks.schedule import ReduceOnPlateau
from frameworks.schedule.plateau import PlateauState
from frameworks.torch.manual import _Writer

_STATE = PlateauState.__required_keys__


class Plateau(_Writer, ReduceLROnPlateau):
    """Sets the rate of an optimizer, and reduces it when the metrics given to `step` do not improve.

    Based on torch.optim.lr_scheduler.ReduceLROnPlateau, whose `step` it calls. Differs: can count and compute as Keras
    does; keeps the rate here, in float64. The groups get the nearest float32, times their `lr_mult` if they have one.
    The state includes the rate, which torch saves in the optimizer's state only, and not the rule.

    plateau: the rule.
    optimizer: the optimizer; all its groups get the rate.

    Raises TypeError if a group's rate is in a tensor that is neither float32 nor float64.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L1584
    """

    best: float | None

    def __init__(self, plateau: ReduceOnPlateau, optimizer: Optimizer) -> None:
        self.plateau = plateau
        patience, cooldown = plateau.patience, plateau.cooldown
        if plateau.rule == "reaches":  # as torch counts: bad metrics allowed, and metrics ignored
            patience, cooldown = max(patience, 1) - 1, max(cooldown, 1) - 1
        super().__init__(
            optimizer, mode=plateau.direction, factor=plateau.factor, patience=patience, cooldown=cooldown,
            threshold=plateau.threshold, threshold_mode="rel" if plateau.threshold_mode == "relative" else "abs",
            min_lr=plateau.min_lr, eps=plateau.least_change)
        self._attach()
        self._load({"rate": self._round(plateau.base_lr), "best": None, "bad": 0, "cooldown": 0})

    def step(self, metrics: SupportsFloat, epoch: int | None = None) -> None:
        """Process a metric and set the rate of the next updates.

        metrics: the metric, a number.
        epoch: torch's, which changes no rate (default: None).
        """
        self._warn_of_change(3)
        super().step(metrics, *(() if epoch is None else (epoch,)))
        self._write()

    def state_dict(self) -> dict[str, Any]:
        """Return the state, a PlateauState, to save with the optimizer's state: plain numbers."""
        return {"rate": self.rate, "best": self.best, "bad": self.num_bad_epochs, "cooldown": self.cooldown_counter}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Load a state of `state_dict`, and set its rate."""
        if set(state_dict) != _STATE:
            raise ValueError(f"the state must have {', '.join(sorted(_STATE))}, "
                             f"got {', '.join(map(str, state_dict))}")
        self._is_loaded = True
        self._load(state_dict)

    def _load(self, state: dict[str, Any]) -> None:
        self.rate, self.best = state["rate"], state["best"]
        self.num_bad_epochs, self.cooldown_counter = state["bad"], state["cooldown"]
        self._write()

    def _is_better(self, a: float, best: float | None) -> bool:
        plateau = self.plateau
        if self.in_cooldown and plateau.in_cooldown == "ignore":
            return False
        if best is None:
            return plateau.rule == "reaches" or (a < torch.inf if plateau.direction == "min" else a > -torch.inf)
        if plateau.precision == "float64":
            return super()._is_better(a, best)
        if plateau.threshold_mode == "relative":
            best = best * (1.0 - plateau.threshold if plateau.direction == "min" else plateau.threshold + 1.0)
        else:
            a = a + plateau.threshold if plateau.direction == "min" else a - plateau.threshold
        a, best = self._round(a), self._round(best)
        return a < best if plateau.direction == "min" else a > best

    def _reduce_lr(self, epoch: int) -> None:
        new = max(self.rate * self.plateau.factor, self.plateau.min_lr)
        if self.rate - new > self.plateau.least_change:
            self.rate = self._round(new)

    def _round(self, number: float) -> float:
        return torch.tensor(number, dtype=torch.float64).to(getattr(torch, self.plateau.precision)).item()

    def _compute_rates(self) -> list[float]:
        rate = float(numpy.float32(self.rate))
        return [float(numpy.float32(rate * group.get("lr_mult", 1.0))) for group in self.optimizer.param_groups]


def build_plateau(plateau: ReduceOnPlateau, optimizer: Optimizer) -> Plateau:
    """Set the first rate and return the scheduler whose `step(metric)` to call, usually after each epoch.

    It is a ReduceLROnPlateau, so that trainers which accept torch's class step and save it.

    plateau: the rule.
    optimizer: the optimizer; all its groups get the rate.

    Raises TypeError if `plateau` is not a ReduceOnPlateau, or a rate's tensor is neither float32 nor float64.
    """
    if not isinstance(plateau, ReduceOnPlateau):
        raise TypeError(f"not a reduce_on_plateau: {plateau!r}")
    return Plateau(plateau, optimizer)


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
