"""Draws the curves of the study: accuracies over epochs, our runs beside the published renders, accuracy by loss."""

from __future__ import annotations

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from frameworks import FRAMEWORKS
from frameworks.schedule import lrs
from reproduce.chapter import EXPERIMENTS
from reproduce.results.__main__ import list_learned, read_published
from reproduce.study.analysis.registered import CHAPTER, OTHERS
from reproduce.study.analysis.samples import EPOCHS, Run, Study
from reproduce.study.analysis.tables import format_name
from reproduce.trainer.figures import COLOURS, VARIANTS, format_svg

WIDTH = 8.3
#: The accuracies that the bands show; early epochs are below.
BANDS = (0.84, 0.915)
#: Returns a figure as SVG.
save = partial(format_svg, salt="study")


def draw_bands(study: Study) -> str:
    """Return the figure of test accuracies over epochs: mean and middle 80 % of the seeds; the rate beneath."""
    names = [*CHAPTER, *(name for name in OTHERS if any(study.list_runs((name, each)) for each in FRAMEWORKS))]
    figure, axes = plt.subplots(2, len(names), figsize=(WIDTH, 3.6), sharex=True, sharey="row", squeeze=False,
                                height_ratios=(3, 1), layout="constrained")
    rates = {experiment.name: lrs(experiment.schedule, EPOCHS) for experiment in EXPERIMENTS}
    for name, top, bottom in zip(names, *axes):
        for framework in FRAMEWORKS:
            if runs := list_learning(study, (name, framework)):
                values = np.array([run.curves["test_accuracy"] for run in runs])
                epochs = range(1, EPOCHS + 1)
                top.fill_between(epochs, *np.percentile(values, (10, 90), axis=0), color=COLOURS[framework], alpha=0.15,
                                 linewidth=0)
                top.plot(epochs, values.mean(0), color=COLOURS[framework], linewidth=1.3)
        dead = [run.dead for each in FRAMEWORKS for run in study.list_runs((name, each)).values()]
        top.set_title(f"{format_name(name)}\n{sum(dead)} of {len(dead)} dead", fontsize=9)
        top.set_ylim(*BANDS)
        bottom.step(range(EPOCHS + 1), [*rates[name], rates[name][-1]], where="post", color="black", linewidth=1.2)
        bottom.set(xlabel="epoch", ylim=(0, 0.55), xlim=(0, EPOCHS))
        for axis in (top, bottom):
            axis.grid(alpha=0.3)
    axes[0, 0].set_ylabel("test accuracy")
    axes[1, 0].set_ylabel("rate")
    add_legend(figure)
    return save(figure)


def draw_strips(study: Study) -> str:
    """Return the figure of final accuracies and losses: each run a point, beside the published renders."""
    published = read_published()
    variants = [variant for variant in VARIANTS if (variant, EPOCHS) in study.runs]
    figure, axes = plt.subplots(2, len(CHAPTER), figsize=(WIDTH, 4.2), sharey="row", layout="constrained")
    for column, name in enumerate(CHAPTER):
        for place, framework in enumerate(FRAMEWORKS):
            strips = [[(run.outcomes["accuracy"], run.outcomes["loss"]) for run in
                       list_learning(study, (name, framework), variant)] for variant in variants]
            strips.append([(float(row["test_accuracy"]), float(row["train_loss"]))
                           for row in list_learned(published[name, framework])])
            for number, strip in enumerate(strips):
                shift = place + 0.28 * (number - (len(strips) - 1) / 2)
                spread = np.linspace(-0.08, 0.08, len(strip)) if len(strip) > 1 else np.zeros(len(strip))
                colour = COLOURS[framework] if number < len(variants) else "#777777"
                for axis, values in zip(axes[:, column], zip(*strip)):
                    axis.scatter(shift + spread, values, s=5, color=colour, linewidths=0, alpha=0.8,
                                 marker="o" if number == 0 else "^" if number < len(variants) else "s")
        axes[0, column].set_title(format_name(name), fontsize=10)
        axes[0, column].set_xticks(range(len(FRAMEWORKS)), [""] * len(FRAMEWORKS))
        axes[1, column].set_xticks(range(len(FRAMEWORKS)), FRAMEWORKS, rotation=90, fontsize=9)
        for axis in axes[:, column]:
            axis.grid(alpha=0.3, axis="y")
    axes[0, 0].set_ylabel("final test accuracy", fontsize=9)
    axes[1, 0].set_ylabel("printed train loss (nats)", fontsize=9)
    markers = dict(zip(variants, "o^"))
    handles = [Line2D([], [], color="black", marker=marker, linestyle="none", markersize=4,
                      label=f"ours, {VARIANTS[variant]}") for variant, marker in markers.items()]
    handles.append(Line2D([], [], color="#777777", marker="s", linestyle="none", markersize=4, label="published"))
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    return save(figure)


def draw_losses(study: Study) -> str:
    """Return the figure of final test accuracy against printed train loss, a point for each run."""
    figure, axes = plt.subplots(1, len(CHAPTER), figsize=(WIDTH, 2.6), sharex=True, sharey=True, layout="constrained")
    for name, axis in zip(CHAPTER, axes):
        for framework in FRAMEWORKS:
            runs = list_learning(study, (name, framework))
            axis.scatter([run.outcomes["loss"] for run in runs], [run.outcomes["accuracy"] for run in runs], s=9,
                         color=COLOURS[framework], linewidths=0, alpha=0.8)
        axis.set_title(format_name(name), fontsize=10)
        axis.set_xlabel("printed train loss")
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("final test accuracy")
    add_legend(figure)
    return save(figure)


def list_learning(study: Study, cell: tuple[str, str], variant: str = "described") -> list[Run]:
    """Return the runs of a cell that are not dead, by seed."""
    return [run for _, run in sorted(study.list_runs(cell, variant).items()) if not run.dead]


def add_legend(figure: Figure) -> None:
    """Put the frameworks' colours below the panels."""
    figure.legend(handles=[Line2D([], [], color=COLOURS[name], linewidth=2, label=name) for name in FRAMEWORKS],
                  loc="outside lower center", ncols=len(FRAMEWORKS), frameon=False, fontsize=9)
