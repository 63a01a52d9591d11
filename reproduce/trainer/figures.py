"""Draws the figure of a run, and a figure that compares the frameworks, from their records.

Three panels over epochs: the train loss, train and test accuracy zoomed to where the runs differ, the applied rate.
"""

from __future__ import annotations

from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from reproduce.trainer.checkpoint import replace_whole
from reproduce.trainer.rates import expand_rates
from reproduce.trainer.record import LN_10, is_guessing

#: Colours of Okabe and Ito, which colour-blind readers can distinguish.
COLOURS = {"mxnet": "#0072B2", "torch": "#D55E00", "tensorflow": "#009E73"}
#: Widths in points: where curves coincide, the wider one below stays visible.
WIDTHS = {"mxnet": 3.2, "torch": 2.2, "tensorflow": 1.0}
#: The accuracies: name in the record, label, line style, and the marker of a curve that has one point.
ACCURACIES: tuple[tuple[str, str, Any, str], ...] = (
    ("train_accuracy", "train accuracy", "--", "s"), ("test_accuracy", "test accuracy", "-", "^"))
VARIANTS = {"described": "text variant", "printed": "book variant"}
#: Width and height in inches: an SVG of about 800 pixels, a PNG of 830.
SIZE, DPI = (8.3, 3.5), 100
#: The accuracy axis begins at this quantile of all accuracies of learning runs, so that first epochs do not widen it.
LOWEST = 0.1


def draw_run(record: dict[str, Any], path: Path) -> None:
    """Draw a run into .svg or .png. Raises OutputError."""
    _draw({record["framework"]: record}, f"{_format_title(record)}, {record['framework']}", path)


def draw_chapter(records: dict[str, dict[str, Any]], path: Path) -> None:
    """Draw the runs of one experiment, by framework, into one .svg or .png. Raises OutputError."""
    _draw(records, _format_title(next(iter(records.values()))), path)


def _format_title(record: dict[str, Any]) -> str:
    file, lr = record.get("schedule_file"), record.get("lr")
    what = f"{VARIANTS[record['variant']]} ({record['variant']})" if file is None else f"per {record['per']}"
    rate = "" if lr is None else f", base rate {lr!r}"
    return f"{file or record['experiment']}, {what}{rate}, seed {record['seed']}"


def _draw(records: dict[str, dict[str, Any]], title: str, path: Path) -> None:
    plt.rcParams["svg.hashsalt"] = "schedules"
    figure, (loss, accuracy, rate) = plt.subplots(1, 3, figsize=SIZE, layout=ConstrainedLayoutEngine(wspace=0.06))
    figure.suptitle(title, fontsize=11)
    for framework, record in records.items():
        style = {"color": COLOURS[framework], "linewidth": WIDTHS[framework]}
        _draw_curve(loss, record, "train_loss", "o", **style)
        for measure, _, line, marker in ACCURACIES:
            _draw_curve(accuracy, record, measure, marker, linestyle=line, **style)
        rate.plot(*_list_rates(record), drawstyle="steps-post", **style)
    for axes, label in ((loss, "train loss (nats)"), (accuracy, "accuracy (share of images)"),
                        (rate, "applied learning rate")):
        axes.set(xlabel="epoch", ylim=(0, None))
        axes.set_ylabel(label)
        axes.grid(alpha=0.3)
    _zoom(accuracy, records)
    if any(is_guessing(epoch["train_loss"]) for record in records.values() for epoch in record["epochs"]):
        loss.axhline(LN_10, color="black", linewidth=0.8, linestyle=":")
        loss.text(0.97, LN_10 + 0.05, "ln 10: guessing", transform=loss.get_yaxis_transform(), fontsize=9,
                  horizontalalignment="right")
        loss.set_ylim(0, max(loss.get_ylim()[1], LN_10 + 0.3))
    _add_legend(figure, records)
    _save(figure, path)


def _draw_curve(axes: Axes, record: dict[str, Any], measure: str, marker: str, **style: Any) -> None:
    """Draw the points of a measure, or else the number after each epoch at 1, 2, ...

    A curve of one point has a marker, and a diverged run ends with a cross.
    """
    if measure.startswith("train_") and record.get("points"):
        size = record["epochs"][0]["updates"]
        at = [point["update"] / size for point in record["points"]]
        values = [point[measure] for point in record["points"]]
    else:
        at, values = list(range(1, len(record["epochs"]) + 1)), [epoch[measure] for epoch in record["epochs"]]
    axes.plot(at, values, marker=marker if len(values) == 1 else None, **style)
    if record["diverged"]:
        axes.plot(at[-1], values[-1], marker="X", markersize=9, color=style["color"], linestyle="none")


def _zoom(axes: Axes, records: dict[str, dict[str, Any]]) -> None:
    """Set the range of accuracies to where learning runs differ; name the runs that stay below it."""
    epochs = [epoch for record in records.values()
              for epoch in record["epochs"] if not is_guessing(epoch["train_loss"])]
    values = [epoch[measure] for epoch in epochs for measure, *_ in ACCURACIES]
    if values:
        low, high = float(np.quantile(values, LOWEST)), max(values)
        space = max(0.08 * (high - low), 0.005)
        axes.set_ylim(low - space, high + space)
    bottom, below = axes.get_ylim()[0], []
    for framework, record in records.items():
        if max(tested := [epoch["test_accuracy"] for epoch in record["epochs"]]) < bottom:
            below.append(f"\N{DOWNWARDS ARROW} {framework}: {tested[-1]:.2f}")
    axes.text(0.97, 0.03, "\n".join(below), transform=axes.transAxes, fontsize=9, horizontalalignment="right")


def _add_legend(figure: Figure, records: dict[str, dict[str, Any]]) -> None:
    """Put the legend below the panels: a line for each framework, and what became of a run that did not learn."""
    lines = [Line2D([], [], color=COLOURS[name], linewidth=max(2, WIDTHS[name]), label=name + _format_outcome(record),
                    marker="X" if record["diverged"] else None)
             for name, record in records.items()]
    lines += [Line2D([], [], color="black", linestyle=style, label=label) for _, label, style, _ in ACCURACIES]
    figure.legend(handles=lines, loc="outside lower center", ncols=len(lines), frameon=False, fontsize=9,
                  columnspacing=1.4)


def _format_outcome(record: dict[str, Any]) -> str:
    """Return a mark for the legend: a run whose loss stopped being finite, or ended as that of guessing."""
    return " (diverged: not a number)" if record["diverged"] else " (dead: guesses at last)" if record["dead"] else ""


def _list_rates(record: dict[str, Any]) -> tuple[list[float], list[float]]:
    """Return the epochs at which the rate changes, with the last epoch's end, and the rate from each on."""
    size = record["epochs"][0]["updates"]
    updates, rates = expand_rates(record)
    end = sum(epoch["updates"] for epoch in record["epochs"]) / size
    return [*(updates / size).tolist(), end], [*rates.tolist(), rates[-1]]


def _save(figure: Figure, path: Path) -> None:
    kind, image = path.suffix.lower().removeprefix("."), BytesIO()
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    figure.savefig(image, format=kind, dpi=DPI, metadata=metadata)
    plt.close(figure)
    replace_whole(path, image.getvalue())


def format_svg(figure: Figure, salt: str) -> str:
    """Close a figure and return it as SVG, the same for the same data. salt: of the names in it."""
    image = StringIO()
    with plt.rc_context({"svg.hashsalt": salt}):
        figure.savefig(image, format="svg", metadata={"Date": None})
    plt.close(figure)
    return image.getvalue()
