"""The chapter's figure of a run, and one that lays the frameworks over each other; from their records."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reproduce.trainer.checkpoint import replace_whole

#: The name in the record, the book's label, the line, and the marker of a line that is one point.
LINES = (("train_loss", "train loss", "-", "o"), ("train_accuracy", "train acc", "--", "s"),
         ("test_accuracy", "test acc", "-.", "^"))
COLOURS = {"mxnet": "tab:blue", "torch": "tab:orange", "tensorflow": "tab:green"}


def draw_run(record: dict[str, Any], path: Path) -> None:
    """Draw a run as the chapter does, into .svg or .png, the applied rate on an axis of its own. Raises OutputError."""
    figure, axes = _started(f"{record['experiment']} ({record['variant']}) in {record['framework']}")
    for measure, label, style, marker in LINES:
        _line(axes, record, measure, marker, linestyle=style, label=label)
    rate = axes.twinx()
    rate.plot(*_rates(record), drawstyle="steps-post", color="tab:grey", linewidth=1, label="rate (right)")
    rate.set(ylabel="applied learning rate", ylim=(0, None))
    axes.set(ylim=(0, None))
    lines = axes.get_lines() + rate.get_lines()
    axes.legend(lines, [str(line.get_label()) for line in lines], loc=_place([record]))
    _saved(figure, path)


def draw_chapter(records: dict[str, dict[str, Any]], path: Path) -> None:
    """Draw the runs of one experiment, by framework, over each other, into .svg or .png. Raises OutputError."""
    first = next(iter(records.values()))
    figure, axes = _started(f"{first['experiment']} ({first['variant']})")
    rate = axes.twinx()
    for framework, record in records.items():
        colour = COLOURS[framework]
        for measure, label, style, marker in LINES:
            _line(axes, record, measure, marker, linestyle=style, color=colour, label=f"{label}, {framework}")
        rate.plot(*_rates(record), drawstyle="steps-post", color=colour, linewidth=1, alpha=0.4)
    rate.set(ylabel="applied learning rate (pale)", ylim=(0, None))
    axes.set(ylim=(0, None))
    axes.legend(fontsize="small", loc=_place(records.values()))
    _saved(figure, path)


def _started(title: str) -> tuple[Figure, Axes]:
    plt.rcParams["svg.hashsalt"] = "schedules"
    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    axes.set(title=title, xlabel="epoch")
    axes.grid(alpha=0.3)
    return figure, axes


def _line(axes: Axes, record: dict[str, Any], measure: str, marker: str, **style: Any) -> None:
    """Draw the number after each epoch, as the chapter does: at 1, 2, ... One point has no line, but a marker."""
    values = [epoch[measure] for epoch in record["epochs"]]
    axes.plot(range(1, len(values) + 1), values, marker=marker if len(values) == 1 else None, **style)


def _place(records: Iterable[dict[str, Any]]) -> Literal["center left", "center right"]:
    """Return where the legend stands: not over the points of one epoch, which are at the right."""
    return "center left" if all(len(record["epochs"]) == 1 for record in records) else "center right"


def _rates(record: dict[str, Any]) -> tuple[list[float], list[float]]:
    """The rate from each change on, over epochs."""
    size = record["epochs"][0]["updates"]
    changes = [(change["update"] / size, change["rate"]) for change in record["applied_rates"]]
    end = sum(epoch["updates"] for epoch in record["epochs"]) / size
    return [at for at, _ in changes] + [end], [rate for _, rate in changes] + [changes[-1][1]]


def _saved(figure: Figure, path: Path) -> None:
    kind, image = path.suffix.lower().removeprefix("."), BytesIO()
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    figure.savefig(image, format=kind, dpi=110, metadata=metadata)
    plt.close(figure)
    replace_whole(path, image.getvalue())
