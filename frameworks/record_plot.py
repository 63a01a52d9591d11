"""Draws the rows of a recording with matplotlib."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from frameworks.record_rows import RecordError
from frameworks.whole_files import describe_error, replace_whole


def plot(columns: dict[str, np.ndarray], path: str | Path | None = None) -> None:
    """Draw each column over the updates.

    columns: of a recording, `t` first.
    path: of an image, replaced whole; .png without a suffix (default: None, shown in a window or notebook).

    Raises RecordError.
    """
    figure, axes = plt.subplots()
    try:
        for name in list(columns)[1:]:
            axes.plot(columns["t"], columns[name], label=name, drawstyle="steps-post")
        axes.set(xlabel="updates made before", ylabel="learning rate")
        if axes.lines:
            axes.legend()
        if path is None:
            plt.show()
        else:
            _save(figure, path)
    finally:
        plt.close(figure)


def _save(figure: Figure, path: str | Path) -> None:
    if not isinstance(path, str | os.PathLike):
        raise RecordError(f"path must be the name of an image, or None to show it, got {path!r}")
    path, image = Path(path), BytesIO()
    if not path.name:
        raise RecordError(f"path must be the name of an image, got {str(path)!r}")
    path = path if path.suffix else path.with_name(f"{path.name}.png")
    formats = sorted({*figure.canvas.get_supported_filetypes()} - {"pgf"})  # which needs LaTeX
    if path.suffix[1:].lower() not in formats:
        raise RecordError(f"{path}: the name must end in one of .{', .'.join(formats)}")
    figure.savefig(image, format=path.suffix[1:])
    try:
        replace_whole({path: image.getvalue()})
    except (OSError, ValueError) as error:
        raise RecordError(f"{path}: {describe_error(error)}") from None
