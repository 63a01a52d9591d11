"""Reads the outcomes of the study's runs, and pairs them by seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from frameworks.whole_files import read_bounded
from reproduce.study import rows
from reproduce.study.analysis.procedures import Difference, compare_pairs
from reproduce.trainer.errors import OutputError

EPOCHS = 30
#: The seeds of part A, and of parts A and A2 together.
SEEDS, MORE_SEEDS = range(100, 120), range(100, 140)
#: The test accuracy of a network that guesses; a diverged run counts with it.
GUESSING = 0.1
#: With fewer pairs than this without a dead run, a comparison is not settled.
FEWEST = 10
#: The tolerances of TOST by outcome; the others are not tested by it.
TOLERANCES = {"accuracy": 0.010, "gap": 0.010, "gap_change": 0.010, "early": 0.010, "roughness": 0.002}
#: The columns of runs.csv by outcome.
COLUMNS = {"accuracy": "final_test_accuracy", "loss": "printed_train_loss", "early": "test_accuracy_5",
           "roughness": "roughness_20_30"}
#: The values of a line of curves.jsonl.
CURVES = ("train_loss", "train_correct", "test_loss", "test_correct")
#: Begins the name of a layer among the curves of a run whose distances from the first weights were measured.
DISTANCE = "distance "
#: Identifies a cell: experiment, framework.
Cell = tuple[str, str]


@dataclass(frozen=True)
class Run:
    """A run: whether it is dead or has stalled epochs, its outcomes by name, its curves (values by epoch).

    schedule: digest of its schedule. machine: its processors.
    """

    dead: bool
    stalled: bool
    outcomes: dict[str, float]
    curves: dict[str, list[float]]
    schedule: str
    machine: str


@dataclass(frozen=True)
class Study:
    """Runs by (variant, epochs), cell and seed. digest: SHA-256 of all results."""

    runs: dict[tuple[str, int], dict[Cell, dict[int, Run]]]
    digest: str

    def list_runs(self, cell: Cell, variant: str = "described", epochs: int = EPOCHS) -> dict[int, Run]:
        """Return the runs of a cell by seed."""
        return self.runs.get((variant, epochs), {}).get(cell, {})


@dataclass(frozen=True)
class Comparison:
    """The difference between cells over seeds.

    weights: of each cell in the difference. registered: the seeds of the protocol. present: those whose runs are there.
    difference: among seeds without a dead run. everything: among all seeds. dead: the number of dead runs by cell.
    """

    weights: Mapping[Cell, float]
    registered: int
    present: int
    difference: Difference
    everything: Difference
    dead: dict[Cell, int] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Return whether all registered runs are there."""
        return self.present == self.registered

    @property
    def is_testable(self) -> bool:
        """Return whether enough pairs are left without a dead run."""
        return self.difference.size >= FEWEST

    @property
    def p(self) -> float | None:
        """Return p of the t test for Holm's correction: None before all runs are there, 1 with too few pairs."""
        return None if not self.is_complete else self.difference.p if self.is_testable else 1.0


def compare(study: Study, weights: Mapping[Cell, float], outcome: str, seeds: Iterable[int]) -> Comparison:
    """Return a weighted sum of cells' outcomes, seed by seed. weights: by cell, such as 1 and -1."""
    wanted, cells = list(seeds), {cell: study.list_runs(cell) for cell in weights}
    present = [seed for seed in wanted if all(seed in runs for runs in cells.values())]
    alive = [seed for seed in present if not any(runs[seed].dead for runs in cells.values())]

    def compute(chosen: list[int]) -> Difference:
        pairs = [[(runs[seed].outcomes, weights[cell]) for cell, runs in cells.items()] for seed in chosen]
        values = [sum(weight * outcomes[outcome] for outcomes, weight in pair) for pair in pairs
                  if all(outcome in outcomes for outcomes, _ in pair)]
        return compare_pairs(values, TOLERANCES.get(outcome))

    dead = {cell: sum(runs[seed].dead for seed in wanted if seed in runs) for cell, runs in cells.items()}
    return Comparison(weights, len(wanted), len(present), compute(alive), compute(present), dead)


def count_discordant(study: Study, first: Cell, second: Cell, seeds: Iterable[int],
                     event: Callable[[Run], bool] = lambda run: run.dead) -> tuple[int, int, int]:
    """Return the number of pairs, and of those with an event in the first arm alone, and in the second alone."""
    left, right = study.list_runs(first), study.list_runs(second)
    pairs = [(event(left[seed]), event(right[seed])) for seed in seeds if seed in left and seed in right]
    return len(pairs), pairs.count((True, False)), pairs.count((False, True))


def read_study(folder: Path) -> Study:
    """Return the runs in a folder with runs.csv and curves.jsonl. Raises OutputError."""
    results = rows.read_rows(folder)
    curves, lines = _read_curves(folder), []
    runs: dict[tuple[str, int], dict[Cell, dict[int, Run]]] = {}
    for key in sorted(results):
        row = results[key]
        if key not in curves:
            raise OutputError(f"{folder / rows.CURVES}: has no line of {' '.join(key)}")
        experiment, variant, framework, seed, epochs = key
        cells = runs.setdefault((variant, int(epochs)), {})
        cells.setdefault((experiment, framework), {})[int(seed)] = _build_run(row, curves[key])
        if not row["diverged"] and not _is_curve_of(row, curves[key]):
            raise OutputError(f"{folder / rows.CURVES}: the line of {' '.join(key)} is of another run than its row in "
                              f"{rows.RUNS}")
        lines.append(json.dumps([[row[name] for name in rows.RESULT], curves[key]]))
    return Study(runs, hashlib.sha256("\n".join(lines).encode()).hexdigest())


def _read_curves(folder: Path) -> dict[tuple[str, ...], dict[str, list[float]]]:
    path, curves = folder / rows.CURVES, {}
    try:
        text = read_bounded(path, rows.MAX_BYTES, "file of runs").decode("utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            try:
                curve = json.loads(line)
                key = tuple(curve.pop(name) for name in rows.KEY)
                curve |= {f"{DISTANCE}{name}": values for name, values in curve.get("distances", {}).items()}
                curves[key] = {name: [float(value) for value in curve[name]] for name in curve
                               if name in CURVES or name.startswith(DISTANCE)}
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                raise OutputError(f"{path}: line {number} must be a run's curves as JSON") from None
            for name, values in curves[key].items():
                if len(values) != len(curves[key][CURVES[0]]):
                    raise OutputError(f"{path}: line {number} must have as many values of {name} as of {CURVES[0]}")
    except (OSError, ValueError) as error:  # not UTF-8, too large, or not a regular file
        raise OutputError(f"{path}: cannot be read: {error}") from None
    return curves


def _is_curve_of(row: dict[str, str], curve: dict[str, list[float]]) -> bool:
    """Return whether curves end at the numbers of a row."""
    return (curve["test_correct"][-1:] == [round(float(row["final_test_accuracy"]) * rows.TEST_IMAGES)]
            and f"{curve['train_loss'][-1]:.7g}" == f"{float(row['printed_train_loss']):.7g}")


def _build_run(row: dict[str, str], curve: dict[str, list[float]]) -> Run:
    """Return a run; one that diverged has only the accuracy of guessing."""
    values: dict[str, Any] = {name: float(row[column]) for name, column in COLUMNS.items() if row[column]}
    accuracies = {"train_accuracy": [number / rows.TRAIN_IMAGES for number in curve["train_correct"]],
                  "test_accuracy": [number / rows.TEST_IMAGES for number in curve["test_correct"]]}
    if row["diverged"]:
        values = {"accuracy": GUESSING}
    else:
        values["gap"] = float(row["final_train_accuracy"]) - float(row["final_test_accuracy"])
        if row["averaged_from"]:
            values["averaged_gain"] = float(row["averaged_test_accuracy"]) - values["accuracy"]
        if len(curve["train_correct"]) >= EPOCHS:
            gaps = [train - test for train, test in zip(*accuracies.values())]
            values["gap_change"] = gaps[EPOCHS - 1] - gaps[EPOCHS // 2 - 1]
    distances = {name: values for name, values in curve.items() if name.startswith(DISTANCE)}
    return Run(row["dead"] == "1", row["stalled_epochs"] != "0", values,
               {"train_loss": curve["train_loss"], **accuracies, **distances}, row["schedule_sha256"], row["machine"])
