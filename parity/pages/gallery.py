"""One sheet with a picture of each kind of schedule: python -m parity gallery --out parity/examples/gallery.svg"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np

from frameworks.arguments import Parser
from frameworks.schedule import lrs
from frameworks.schedule.union import examples
from frameworks.whole_files import reason

COLUMNS, UPDATES = 5, 50


def draw(path: Path) -> None:
    """Draw the example of each kind, as many updates of each, into a .svg or .png file. Raises OSError.

    The same schedules give the same file.
    """
    from parity.measuring.plot import plt, save  # slow to import

    plt.rcParams["svg.hashsalt"] = "gallery"
    rows = -(-len(examples()) // COLUMNS)
    figure, every = plt.subplots(rows, COLUMNS, figsize=(2.1 * COLUMNS, 1.6 * rows), sharex=True, layout="constrained",
                                 squeeze=False)
    for axes, (kind, schedule) in zip(every.flat, examples().items()):
        axes.plot(np.arange(UPDATES), lrs(schedule, UPDATES), drawstyle="steps-post", linewidth=1.4)
        axes.set_title(kind, fontsize=9, family="monospace")
        axes.set_ylim(0, None)
        axes.tick_params(labelsize=7)
        axes.grid(alpha=0.3)
    for axes in every.flat[len(examples()):]:
        axes.set_visible(False)
    figure.supxlabel("t (updates already made)", fontsize=8)
    figure.supylabel("learning rate", fontsize=8)
    save(figure, path)


def arguments(command: ArgumentParser) -> None:
    """Add what `gallery` is told on the command line."""
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help=".svg or .png")


def run(chosen: Namespace, parser: Parser) -> int:
    """Draw the sheet."""
    if chosen.out.suffix.lower() not in (".svg", ".png"):
        parser.error(f"argument --out: must end in .svg or .png, got {str(chosen.out)!r}")
    try:
        draw(chosen.out)
    except OSError as error:
        parser.error(f"argument --out: {chosen.out}: {reason(error)}")
    return 0
