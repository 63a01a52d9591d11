"""Holds what `build` promises: each event with its outcome, and a check that runs the framework for each optimizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

import numpy as np

import frameworks.numpy_bool  # noqa: F401  (before mxnet)
from frameworks import FRAMEWORKS
from frameworks.schedule import Cosine, CosineRestarts, MultiFactor, Schedule, Warmup, lrs

#: Schedules of each kind of scheduler in torch: built-in and multiplied, built-in and computed, custom.
DROPS = MultiFactor(base_lr=0.3, factor=0.5, milestones=[2, 5, 9])
RESTARTS = CosineRestarts(base_lr=0.3, final_lr=0.01, updates=4, growth=2)
WARM = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
SCHEDULES = (DROPS, RESTARTS, WARM)
#: Each schedule, and the one that replaces it.
EDITS = ((DROPS, DROPS.model_copy(update={"milestones": (4, 9)})), (DROPS, WARM), (WARM, RESTARTS), (RESTARTS, DROPS))


@dataclass(frozen=True)
class Promise:
    """One row of the table of a framework.

    framework: its name. event: what happens to the training. outcome: which rates are applied. optimizers: the names of
    those that it is checked with. check: makes real updates with one of them, and raises AssertionError.
    """

    framework: str
    event: str
    outcome: str
    optimizers: tuple[str, ...]
    check: Callable[[str], None]


#: By framework and check: a module that is imported again replaces its rows.
PROMISES: dict[tuple[str, str], Promise] = {}


def promise(framework: str, event: str, outcome: str, optimizers: Sequence[str]) -> Callable[[Callable], Callable]:
    """Return a decorator that adds a check to the table."""
    def add(check: Callable[[str], None]) -> Callable[[str], None]:
        PROMISES[framework, check.__name__] = Promise(framework, event, outcome, tuple(optimizers), check)
        return check
    return add


def read_promises() -> list[Promise]:
    """Return all promises in their order in these modules, whose import imports the frameworks, torch first."""
    names = [f"tests.harness.promised.{name}" for name in (
        "torch_updates", "torch_states", "torch_others", "torch_groups", "gluon_events", "gluon_states",
        "keras_events", "keras_states")]
    for name in names:
        import_module(name)
    return sorted(PROMISES.values(), key=lambda row: (
        FRAMEWORKS.index(row.framework), names.index(row.check.__module__), row.check.__code__.co_firstlineno))


def compute_rates(schedule: Schedule, start: int, stop: int) -> list[float]:
    """Return the specified rates of updates `start` to `stop - 1`, as float32 numbers."""
    return lrs(schedule, stop)[start:].astype(np.float32).tolist()
