"""Draws the figures of the exercises: accuracy by rate, and accuracy over epochs."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reproduce.exercises.fixed_rate import RATE
from reproduce.exercises.results import Cell, Results
from reproduce.study.analysis.figures import WIDTH, add_legend
from reproduce.study.analysis.tables import format_name
from reproduce.trainer.figures import COLOURS


def draw_rates(results: Results) -> Figure:
    """Return the figure of accuracy with its interval, and of dead runs, by constant rate."""
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(WIDTH, 4.2), sharex=True, height_ratios=(3, 1),
                                         layout="constrained")
    for framework in results.frameworks:
        cells = [(float(name.removeprefix(RATE)), cell) for (name, each), cell in results.cells.items()
                 if each == framework and cell.runs]
        colour = COLOURS[framework]
        for number, cell in cells:
            for run in cell.learned.values():
                top.plot(number, run.outcomes["accuracy"], ".", color=colour, alpha=0.4, markersize=4)
        _draw_means(top, cells, colour)
        bottom.plot([number for number, _ in cells], [cell.dead / len(cell.runs) for _, cell in cells], "o-",
                    color=colour, markersize=4)
    top.set(ylabel="final test accuracy", xscale="log")
    bottom.set(xlabel="constant rate", ylabel="dead runs", ylim=(-0.05, 1.05))
    for axis in (top, bottom):
        axis.grid(alpha=0.3)
    add_legend(figure)
    return figure


def _draw_means(axis: Axes, cells: Sequence[tuple[float, Cell]], colour: str) -> None:
    """Draw the mean of each cell that learned, and its interval if there is one."""
    for number, cell in cells:
        summary = cell.summarize()
        if summary.mean is not None:
            low, high = summary.interval or (summary.mean, summary.mean)
            axis.errorbar(number, summary.mean, [[summary.mean - low], [high - summary.mean]], fmt="o", color=colour,
                          markersize=4, capsize=3)


def draw_curves(results: Results) -> Figure:
    """Return the figure of mean test accuracy over epochs of the runs that learned, and of their final accuracies.

    The runs that are drawn over epochs are those in torch, or in the first framework that has runs.
    """
    chosen = "torch" if "torch" in results.frameworks else results.frameworks[0]
    figure, (curves, finals) = plt.subplots(1, 2, figsize=(WIDTH, 0.28 * len(results.names) + 2.2),
                                            layout="constrained")
    colours = plt.get_cmap("viridis")(np.linspace(0, 0.92, len(results.names)))
    for place, (name, colour) in enumerate(zip(results.names, colours)):
        cell = results.cells.get((name, chosen))
        if cell and cell.learned:
            mean = np.mean([run.curves["test_accuracy"] for run in cell.learned.values()], axis=0)
            curves.plot(range(1, len(mean) + 1), mean, color=colour, linewidth=1.3)
        for shift, each in enumerate(results.frameworks):
            if (cell := results.cells.get((name, each))) and (mean := cell.summarize()).mean is not None:
                low, high = mean.interval or (mean.mean, mean.mean)
                finals.plot([low, high], [place + 0.2 * shift] * 2, color=COLOURS[each], linewidth=1.3)
                finals.plot(mean.mean, place + 0.2 * shift, "o", color=colour, markersize=5)
    curves.set(xlabel="epoch", ylabel=f"mean test accuracy, {chosen}")
    curves.set_ylim(bottom=max(0.0, np.quantile([0.8, *curves.get_ylim()], 0.5)))
    finals.set(xlabel="final test accuracy, 95 % interval", ylim=(len(results.names) - 0.4, -0.6))
    finals.set_yticks(range(len(results.names)), [format_name(name) for name in results.names], fontsize=9)
    for axis in (curves, finals):
        axis.grid(alpha=0.3)
    add_legend(figure)
    return figure
