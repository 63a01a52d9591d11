"""Draws train loss, accuracy and applied rate of a run over its epochs."""

from __future__ import annotations

from typing import Any

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt

from reproduce.trainer.figures import COLOURS, format_svg
from reproduce.trainer.rates import expand_rates


def draw_run(record: dict[str, Any]) -> str:
    """Return the figure of a run as SVG."""
    figure, axes = plt.subplots(1, 3, figsize=(8.3, 3), layout="constrained")
    colour, epochs = COLOURS[record["framework"]], range(1, len(record["epochs"]) + 1)
    for part, name, label in ((axes[0], "train_loss", "train loss (nats)"),
                              (axes[1], "test_accuracy", "test accuracy (share of images)")):
        part.plot(epochs, [epoch[name] for epoch in record["epochs"]], "o-", markersize=3, color=colour)
        part.set(xlabel="epoch", ylabel=label, ylim=(0, None))
    updates, rates = expand_rates(record)
    size = record["epochs"][0]["updates"]
    axes[2].plot([*updates / size, len(epochs)], [*rates, rates[-1]], drawstyle="steps-post", color=colour)
    axes[2].set(xlabel="epoch", ylabel="applied learning rate", ylim=(0, None))
    figure.suptitle(f"{record['network']}, {record['data'].rpartition('/')[2]}, {record['schedule_name']}", fontsize=11)
    return format_svg(figure, "imagenet")
