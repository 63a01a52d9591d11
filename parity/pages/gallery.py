"""Draws a picture of each kind of schedule on one sheet: python -m parity gallery --out parity/examples/gallery.svg"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np

from frameworks.arguments import Parser
from frameworks.schedule import lrs
from frameworks.schedule.union import build_examples
from frameworks.whole_files import describe_error

COLUMNS, UPDATES = 4, 50


def draw(path: Path) -> None:
    """Draw the first UPDATES rates of each kind's example into a .svg or .png file. Raises OSError.

    The same schedules give the same file.
    """
    from parity.measuring.plot import BLUE, plt, save  # slow to import

    plt.rcParams["svg.hashsalt"] = "gallery"
    rows = -(-len(build_examples()) // COLUMNS)
    figure, every = plt.subplots(rows, COLUMNS, figsize=(2.1 * COLUMNS, 1.6 * rows), sharex=True, layout="constrained",
                                 squeeze=False)
    for axes, (kind, schedule) in zip(every.flat, build_examples().items()):
        axes.plot(np.arange(UPDATES), lrs(schedule, UPDATES), drawstyle="steps-post", linewidth=1.4, color=BLUE)
        axes.set_title(kind, fontsize=9.5, family="monospace")
        axes.set_ylim(0, None)
        axes.tick_params(labelsize=8)
        axes.locator_params(nbins=4)
        axes.grid(alpha=0.3)
    for axes in every.flat[len(build_examples()):]:
        axes.set_visible(False)
    for axes in every.flat[len(build_examples()) - COLUMNS:len(build_examples())]:  # the last picture of each column
        axes.tick_params(labelbottom=True)
    figure.supxlabel("t (updates already made)", fontsize=10)
    figure.supylabel("learning rate", fontsize=10)
    save(figure, path)


def add_arguments(command: ArgumentParser) -> None:
    """Add the arguments of `gallery`."""
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help="the picture to write, .svg or .png")


def run(chosen: Namespace, parser: Parser) -> int:
    """Draw the sheet and return the exit code."""
    if chosen.out.suffix.lower() not in (".svg", ".png"):
        parser.error(f"argument --out: must end in .svg or .png, got {str(chosen.out)!r}")
    try:
        draw(chosen.out)
    except OSError as error:
        parser.error(f"argument --out: {chosen.out}: {describe_error(error)}")
    return 0
