"""Draws the rows of a recording with matplotlib."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from frameworks.whole_files import replace_whole


def plot(columns: dict[str, np.ndarray], path: str | Path | None = None) -> None:
    """Draw each column over the updates.

    columns: of a recording, `t` first.
    path: of an image, replaced whole; .png without a suffix (default: None, shown in a window or notebook).
    """
    figure, axes = plt.subplots()
    for name in list(columns)[1:]:
        axes.plot(columns["t"], columns[name], label=name, drawstyle="steps-post")
    axes.set(xlabel="updates made before", ylabel="learning rate")
    axes.legend()
    if path is None:
        plt.show()
    else:
        path, image = Path(path), BytesIO()
        path = path if path.suffix else path.with_name(f"{path.name}.png")
        figure.savefig(image, format=path.suffix.removeprefix("."))
        replace_whole({path: image.getvalue()})
    plt.close(figure)
