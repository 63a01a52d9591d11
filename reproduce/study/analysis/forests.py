"""Draws differences with their intervals (forest plots), and the shares of stalled runs."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np

from frameworks import FRAMEWORKS
from reproduce.study.analysis.figures import WIDTH, add_legend, save
from reproduce.study.analysis.registered import CHAPTER, PAIRS, SCHEDULES, Result
from reproduce.study.analysis.samples import TOLERANCES
from reproduce.study.analysis.tables import format_name
from reproduce.study.analysis.unpaired import RATES, Stalled
from reproduce.trainer.figures import COLOURS

#: The largest difference of accuracies that is drawn; wider intervals are cut.
LARGEST = 0.05


def draw_effects(results: Sequence[Result]) -> str:
    """Return the figure of test 3: each schedule minus the constant rate, a line for each framework."""
    rows = [((name, framework), COLOURS[framework], name) for name in SCHEDULES for framework in FRAMEWORKS]
    return _draw_forest(results, rows, "final test accuracy: schedule minus constant", legend=True)


def draw_frameworks(results: Sequence[Result]) -> str:
    """Return the figure of test 1: each pair of frameworks, for each schedule."""
    rows = [((name, *pair), "black", f"{format_name(name)}: {pair[0]} minus {pair[1]}")
            for name in CHAPTER for pair in PAIRS]
    return _draw_forest(results, rows, "difference of the final test accuracy", legend=False)


def _draw_forest(results: Sequence[Result], rows: Sequence[tuple[tuple[str, ...], str, str]], label: str, *,
                 legend: bool) -> str:
    """Return a figure of 95 % intervals (thin) and 90 % intervals (thick); hollow points are preliminary, arrows go on.

    rows: the names of a result, its colour, its label. label: of the axis.
    """
    by_names = {result.names: result for result in results}
    figure, axis = plt.subplots(figsize=(WIDTH, 0.9 + 0.22 * len(rows)), layout="constrained")
    bound = TOLERANCES["accuracy"]
    axis.axvspan(-bound, bound, color="#dddddd", linewidth=0)
    axis.axvline(0, color="black", linewidth=0.8)
    for place, (names, colour, _) in enumerate(rows):
        comparison = by_names[names].comparison
        difference = comparison.difference
        if difference.mean is None:
            axis.text(0, place, "no pair of learning runs", fontsize=8, va="center")
            continue
        for ends, width in ((difference.interval, 1.0), (difference.narrow, 2.6)):
            if ends:
                axis.plot(ends, [place, place], color=colour, linewidth=width, solid_capstyle="butt")
        axis.plot(difference.mean, place, marker="o", markersize=5, color=colour, linestyle="none",
                  markerfacecolor=colour if comparison.is_complete else "white")
        for end, marker in zip(difference.interval or (), "<>"):
            if abs(end) > LARGEST:
                axis.plot(np.sign(end) * LARGEST, place, marker=marker, markersize=6, color=colour, clip_on=False)
        dead = f", {sum(comparison.dead.values())} dead" * any(comparison.dead.values())
        axis.annotate(f"n = {difference.size}{dead}", (1.015, place), xycoords=("axes fraction", "data"), fontsize=8,
                      va="center", annotation_clip=False)
    labels = [f"{format_name(text)} ({names[1]})" if legend else text for names, _, text in rows]
    axis.set_yticks(range(len(rows)), labels, fontsize=9)
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.set_xlim(-LARGEST, LARGEST)
    axis.set_xlabel(f"{label}; grey: the tolerance; hollow: preliminary; n: pairs without a dead run", fontsize=9)
    axis.grid(alpha=0.3, axis="x")
    if legend:
        add_legend(figure)
    return save(figure)


def draw_stalled(counts: Sequence[Stalled]) -> str:
    """Return the figure of the shares of stalled runs with Wilson's intervals, for each rate and framework."""
    figure, axis = plt.subplots(figsize=(WIDTH / 2, 2.6), layout="constrained")
    for count in counts:
        place = RATES.index(count.rate) + 0.2 * (FRAMEWORKS.index(count.framework) - 1)
        axis.plot([place, place], count.interval, color=COLOURS[count.framework], linewidth=2)
        axis.plot(place, count.stalled / count.runs, marker="o", color=COLOURS[count.framework], markersize=5)
    axis.set_xticks(range(len(RATES)), [f"rate {rate:g}" for rate in RATES])
    axis.set(ylim=(0, 1), xlim=(-0.5, len(RATES) - 0.5), ylabel="share of stalled runs")
    axis.grid(alpha=0.3, axis="y")
    add_legend(figure)
    return save(figure)
