"""Draws schedules over updates, as the chapter does, and the applied rates of frameworks on top."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from frameworks.schedule import Schedule, lrs
from frameworks.whole_files import replace_whole

#: Colours of Okabe and Ito, which colour-blind readers can distinguish.
BLUE = "#0072B2"
COLOURS = (BLUE, "#E69F00", "#000000", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442")


def plot(
    schedules: dict[str, Schedule], updates: int, path: Path, applied: dict[str, np.ndarray] | None = None,
) -> None:
    """Draw the first `updates` rates of each schedule into a .svg or .png file.

    `applied` has measured rates by label, drawn as points. The same input gives the same file. Raises OSError.
    """
    plt.rcParams["svg.hashsalt"] = "schedules"
    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    axes.set_prop_cycle(color=COLOURS)
    t = np.arange(updates)
    for number, (name, schedule) in enumerate(schedules.items()):
        width = max(1.2, 5 - 2 * number)  # a schedule that lies on another one leaves it visible
        axes.plot(t, lrs(schedule, updates), drawstyle="steps-post", label=name, linewidth=width)
    for marker, (label, rates) in zip("o+x^sv<>" * len(applied or {}), (applied or {}).items()):
        axes.plot(t, rates, marker, label=label, markersize=5, markerfacecolor="none", linestyle="none")
    axes.set(xlabel="t (updates already made)", ylabel="learning rate", ylim=(0, None))
    axes.margins(x=0.02)
    axes.grid(alpha=0.3)
    figure.legend(loc="outside upper left", ncols=2)
    save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """Write a figure to a .svg or .png file, replaced as a whole or not at all, and close it. Raises OSError."""
    kind, image = path.suffix.lower().removeprefix("."), BytesIO()
    figure.savefig(image, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else {})
    plt.close(figure)
    replace_whole({path: image.getvalue()})
