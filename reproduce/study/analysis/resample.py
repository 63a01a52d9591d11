"""Measures the sizes of the tests of means on resampled published accuracies, which are not normal. Exploratory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from reproduce.results.__main__ import list_learned, read_published
from reproduce.study.analysis import procedures
from reproduce.study.analysis.procedures import ALPHA
from reproduce.study.analysis.samples import TOLERANCES

SIMULATIONS, PAIRS, RENDERS, TOLERANCE = 10_000, 20, 49, TOLERANCES["accuracy"]
TEXT = """
## Accuracies that are not normal

Exploratory. Both arms are drawn from the published accuracies of a cell, which are skewed. For equivalence tests, the
tolerance is added to one arm, or subtracted. Each of the 15 cells has {simulations:,} simulations of {pairs} pairs, or
of {pairs} and {renders} runs. The nominal size is .05.
"""
#: A size by (procedure, cell).
Sizes = dict[tuple[str, tuple[str, str]], float]

#: The procedures: each returns p values of samples that are drawn by `draw` (number of runs, shift of the mean).
TESTS: Mapping[str, Callable[[Callable[[int, float], Any]], Any]] = {
    "paired t test": lambda draw: procedures.compute_paired_p(draw(PAIRS, 0) - draw(PAIRS, 0)),
    "paired TOST": lambda draw: procedures.compute_equivalence_p(draw(PAIRS, TOLERANCE) - draw(PAIRS, 0), TOLERANCE),
    "Welch TOST, ours larger": lambda draw: procedures.compute_welch_p(
        draw(PAIRS, TOLERANCE), draw(RENDERS, 0), TOLERANCE),
    "Welch TOST, ours smaller": lambda draw: procedures.compute_welch_p(
        draw(PAIRS, -TOLERANCE), draw(RENDERS, 0), TOLERANCE),
}


def measure_sizes(simulations: int = SIMULATIONS, seed: int = 0) -> Sizes:
    """Return the size of each test for each cell. simulations: of each (default: 10,000). seed: of all (default: 0)."""
    random, sizes = np.random.default_rng(seed), Sizes()
    for cell, rows in read_published().items():
        values = np.array([float(row["test_accuracy"]) for row in list_learned(rows)])

        def draw(count: int, shift: float, values: Any = values) -> Any:
            return random.choice(values, (count, simulations)) + shift

        sizes |= {(name, cell): float(np.mean(test(draw) < ALPHA)) for name, test in TESTS.items()}
    return sizes


def build_section(sizes: Sizes) -> str:
    """Return the section of the page: the smallest and the largest size of each test, and cells above the bound."""
    bound = ALPHA + 3 * (ALPHA * (1 - ALPHA) / SIMULATIONS) ** 0.5
    lines = [f"| test | smallest | largest | cells above {bound:.4f} |", "| --- | --- | --- | --- |"]
    for name in TESTS:
        cells = {cell: size for (test, cell), size in sizes.items() if test == name}
        ends = [f"{cells[cell]:.4f} ({' '.join(cell).replace('_', ' ')})" for cell in (
            min(cells, key=cells.__getitem__), max(cells, key=cells.__getitem__))]
        lines.append(f"| {name} | {ends[0]} | {ends[1]} | {sum(size > bound for size in cells.values())} |")
    return "\n".join([TEXT.format(simulations=SIMULATIONS, pairs=PAIRS, renders=RENDERS), *lines, ""])
