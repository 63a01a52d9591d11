"""Draws the figures of the exercises: heat maps, averaged weights, distances of layers."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reproduce.exercises.results import Cell, Results
from reproduce.exercises.warmup_length import LENGTHS, PEAKS, RAMPS, name_schedule
from reproduce.study.analysis.figures import WIDTH, add_legend
from reproduce.study.analysis.samples import DISTANCE
from reproduce.study.analysis.tables import format_name
from reproduce.trainer.figures import COLOURS


def draw_heat_maps(results: Results) -> Figure:
    """Return the heat maps of final accuracy and of stalled runs by length and peak, a row for each framework."""
    rows = results.frameworks
    figure, axes = plt.subplots(len(rows), 4, figsize=(WIDTH, 1.1 + 1.6 * len(rows)), squeeze=False, sharey=True,
                                layout="constrained")
    for framework, line in zip(rows, axes):
        grids = [(ramp, [[results.cells[name_schedule(length, peak, ramp), framework] for length in LENGTHS]
                         for peak in PEAKS]) for ramp in RAMPS]
        best = [mean for _, grid in grids for row in grid for cell in row
                if (mean := cell.summarize().mean) is not None]
        limits = (min(best), max(best)) if best else (0.0, 1.0)
        for axis, (ramp, grid) in zip(line, grids):
            _draw_map(axis, [[_get_mean(cell) for cell in row] for row in grid], "{:.3f}", "viridis", limits)
            axis.set_title(f"accuracy, per {ramp}", fontsize=9)
        for axis, (ramp, grid) in zip(line[2:], grids):
            _draw_map(axis, [[cell.stalled / len(cell.runs) if cell.runs else np.nan for cell in row] for row in grid],
                      "{:.1f}", "Reds", (0, 1))
            axis.set_title(f"stalled, per {ramp}", fontsize=9)
        line[0].set_ylabel(f"{framework}\npeak")
    for axis in axes[-1]:
        axis.set_xlabel("epochs of warm-up", fontsize=9)
    return figure


def _get_mean(cell: Cell) -> float:
    mean = cell.summarize().mean
    return np.nan if mean is None else mean


def _draw_map(axis: Axes, values: list[list[float]], form: str, colours: str, limits: tuple[float, float]) -> None:
    """Draw a heat map with its numbers; cells without a value are empty."""
    low, high = limits
    axis.imshow(values, cmap=colours, vmin=low, vmax=high if high > low else low + 1, aspect="auto")
    axis.set_xticks(range(len(LENGTHS)), [str(length) for length in LENGTHS])
    axis.set_yticks(range(len(PEAKS)), [f"{peak:g}" for peak in PEAKS])
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            if np.isfinite(value):
                dark = (value - low) > 0.6 * (high - low)
                axis.text(column, row, form.format(value), ha="center", va="center", fontsize=6,
                          color="white" if dark == (colours == "Reds") else "black")


def draw_gains(results: Results) -> Figure:
    """Return the figure of averaged weights: an arrow for each run, from its last weights to their mean."""
    figure, axis = plt.subplots(figsize=(WIDTH, 3.2), layout="constrained")
    for place, name in enumerate(results.names):
        for shift, framework in enumerate(results.frameworks):
            cell = results.cells.get((name, framework))
            for number, run in enumerate(cell.learned.values() if cell else ()):
                last, at = run.outcomes["accuracy"], place + 0.25 * shift + 0.02 * number
                axis.plot([at, at], [last, last + run.outcomes["averaged_gain"]], color=COLOURS[framework],
                          linewidth=1)
                axis.plot(at, last, "o", color=COLOURS[framework], markersize=3)
                axis.plot(at, last + run.outcomes["averaged_gain"], "^", color=COLOURS[framework], markersize=4)
    axis.set_xticks(range(len(results.names)), map(format_name, results.names))
    axis.set_ylabel("test accuracy: last weights (circle),\nmean of epochs 16 to 30 (triangle)")
    axis.grid(alpha=0.3, axis="y")
    add_legend(figure)
    return figure


def draw_distances(results: Results) -> Figure:
    """Return the figure of each layer's distance from its first weights over epochs, mean over runs that learned."""
    cells = [cell for cell in results.cells.values() if cell.learned]
    figure, axes = plt.subplots(1, max(1, len(cells)), figsize=(WIDTH, 3.0), squeeze=False, sharey=True,
                                layout="constrained")
    for axis, cell in zip(axes[0], cells):
        layers = [name for name in next(iter(cell.learned.values())).curves if name.startswith(DISTANCE)]
        for name, colour in zip(layers, plt.get_cmap("viridis")(np.linspace(0, 0.92, len(layers)))):
            mean = np.mean([run.curves[name] for run in cell.learned.values()], axis=0)
            axis.plot(range(1, len(mean) + 1), mean, color=colour, linewidth=1.1)
        axis.set_title(format_name(cell.name), fontsize=9)
        axis.set(xlabel="epoch", yscale="log")
        axis.grid(alpha=0.3)
    axes[0, 0].set_ylabel("distance / norm of the first weights,\nfirst layer (dark) to last (light)")
    return figure
