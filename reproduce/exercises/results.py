"""Reads the runs of an exercise: cells of one schedule and framework, and differences between them. Needs scipy."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import NamedTuple

from frameworks import FRAMEWORKS
from reproduce.study.analysis.procedures import Difference, compare_pairs
from reproduce.study.analysis.samples import Run, Study
from reproduce.study.plan import Plan, read_single_plan

#: The hash after the name of a planned schedule.
HASH = re.compile("-[0-9a-f]{8}$")


@dataclass(frozen=True)
class Cell:
    """The runs of one schedule in one framework, by seed. planned: how many the plan has."""

    name: str
    framework: str
    planned: int
    runs: Mapping[int, Run]

    @property
    def is_complete(self) -> bool:
        """Return whether all runs are there."""
        return len(self.runs) == self.planned

    @property
    def learned(self) -> dict[int, Run]:
        """The runs that are not dead, by seed."""
        return {seed: run for seed, run in self.runs.items() if not run.dead}

    @property
    def diverged(self) -> int:
        """The number of runs whose loss or weights stopped being finite; they are also dead."""
        return sum("loss" not in run.outcomes for run in self.runs.values())

    @property
    def dead(self) -> int:
        """The number of runs that ended at the loss of guessing, or diverged."""
        return len(self.runs) - len(self.learned)

    @property
    def stalled(self) -> int:
        """The number of runs with an epoch at the loss of guessing."""
        return sum(run.stalled for run in self.runs.values())

    def summarize(self, outcome: str = "accuracy", *, everything: bool = False) -> Difference:
        """Return the mean of an outcome over the runs that learned, with its intervals.

        outcome: its name in `Run.outcomes` (default: the final test accuracy).
        everything: over all runs, those that diverged with the accuracy of guessing (default: no).
        """
        runs = self.runs if everything else self.learned
        return compare_pairs([run.outcomes[outcome] for run in runs.values() if outcome in run.outcomes], None)


class Pair(NamedTuple):
    """A cell minus another of the same framework, by seed, among seeds where both learned."""

    first: Cell
    second: Cell
    difference: Difference
    is_complete: bool


def get_accuracy(run: Run) -> float:
    """Return the final test accuracy of a run."""
    return run.outcomes["accuracy"]


class Results:
    """The runs of a plan in a study, in its frameworks and in others that have runs. plan: the exercise's."""

    def __init__(self, plan: Plan, study: Study) -> None:
        self.plan, self.study = plan, study
        seeds: dict[str, set[int]] = {}
        for trial in (trials := plan.list_trials()):
            seeds.setdefault(trial.key[0], set()).add(trial.seed)
        runs = {(key, framework): {
            seed: run for seed, run in study.list_runs((key, framework), epochs=trials[0].epochs).items()
            if seed in seeds[key]} for key, framework in product(seeds, FRAMEWORKS)}
        self.frameworks = [framework for framework in FRAMEWORKS if framework in plan.frameworks or any(
            runs[key, framework] for key in seeds)]
        self.cells = {(name, framework): Cell(name, framework, len(seeds[key]), runs[key, framework])
                      for key, framework in product(seeds, self.frameworks) for name in [HASH.sub("", key)]}
        self.names = list(dict.fromkeys(cell.name for cell in self.cells.values()))

    def read(self, plan: Path) -> Results | None:
        """Return the runs of another plan in the same study, None if the plan does not exist. Raises PlanError."""
        return Results(read_single_plan(plan), self.study) if plan.exists() else None

    @property
    def planned(self) -> int:
        """The number of planned runs."""
        return sum(cell.planned for cell in self.cells.values())

    @property
    def made(self) -> int:
        """The number of runs that are there."""
        return sum(len(cell.runs) for cell in self.cells.values())

    def compare(self, first: str, second: str, measure: Callable[[Run], float] = get_accuracy) -> list[Pair]:
        """Return one schedule minus another for the same seeds, in each framework.

        measure: of a run (default: the final test accuracy).
        """
        pairs = []
        for framework in self.frameworks:
            cells = self.cells[first, framework], self.cells[second, framework]
            left, right = (cell.learned for cell in cells)
            values = [measure(left[seed]) - measure(right[seed]) for seed in left if seed in right]
            pairs.append(Pair(*cells, compare_pairs(values, None), all(cell.is_complete for cell in cells)))
        return pairs
