"""Draws the chapter's plots of its schedules, with the rates that the optimizers of the three frameworks applied.

python -m reproduce.results.chapter_plots writes the figures into reproduce/results/plots; --check reports whether they
are current.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from frameworks import FRAMEWORKS, FrameworkMissingError, backend, quiet
from frameworks.arguments import Parser
from frameworks.exit_codes import FAILED, USAGE
from frameworks.generated import parse_arguments, update
from frameworks.schedule import Factor, Schedule, Shift, lrs
from reproduce import cosine, multi_factor, square_root, warmup

COMMAND = "python -m reproduce.results.chapter_plots"
FOLDER = Path(__file__).parent / "plots"
#: The chapter's plots in its order: the schedule over the numbers with which the chapter calls it, and how many.
PLOTS: dict[str, tuple[Schedule, int]] = {
    "square_root": (square_root.EXPERIMENT.schedule, 30),
    # the first call of the chapter's class multiplies, so its plot begins at 1.8
    "factor": (Shift(by=1, of=Factor(base_lr=2.0, factor=0.9, min_lr=0.01)), 50),
    "multi_factor": (multi_factor.EXPERIMENT.schedule, 30),
    "cosine": (cosine.EXPERIMENT.schedule, 30),
    "warmup": (warmup.EXPERIMENT.schedule, 30),
}
#: Marker and size in points by framework: where rates are equal, each stays visible.
MARKERS = {"mxnet": ("o", 9), "torch": ("s", 5.5), "tensorflow": (".", 4)}


def measure(framework: str) -> dict[str, np.ndarray]:
    """Return the rates that a framework's optimizer applied, by plot: float32, shape (updates, observed weights)."""
    observe = backend(framework).observe
    return {name: observe(schedule, updates).applied for name, (schedule, updates) in PLOTS.items()}


def find_differences(applied: dict[str, dict[str, np.ndarray]]) -> list[str]:
    """Return a line for each framework and plot whose applied rates are not those specified, to the last bit."""
    lines = []
    for framework, plots in applied.items():
        for name, rates in plots.items():
            specified = lrs(*PLOTS[name]).astype(np.float32)
            if len(wrong := np.argwhere(rates != specified[:, None])):
                at, weight = wrong[0]
                lines.append(f"{name} in {framework}: update {at} applied {rates[at, weight]:.9g}, "
                             f"specified {specified[at]:.9g}")
    return lines


def draw(name: str, applied: dict[str, np.ndarray]) -> str:
    """Return the SVG of a plot. applied: the rates of its updates, by framework."""
    from reproduce.trainer.figures import COLOURS, format_svg, plt

    figure, axes = plt.subplots(figsize=(4.6, 3.2), layout="constrained")
    schedule, updates = PLOTS[name]
    axes.plot(lrs(schedule, updates), color="black", linewidth=0.8, label="specified")
    for framework, rates in applied.items():
        marker, size = MARKERS[framework]
        axes.plot(rates, marker, color=COLOURS[framework], markersize=size, markerfacecolor="none", label=framework)
    axes.set(xlabel="t (updates already made)", ylabel="applied learning rate", ylim=(0, None))
    axes.grid(alpha=0.3)
    figure.legend(loc="outside upper center", ncols=4, frameon=False, fontsize=9, columnspacing=1)
    return format_svg(figure, "schedules")


def main(arguments: list[str] | None = None) -> int:
    """Write the figures, or report which are not current; the exit code is 4 too if a framework applies other rates."""
    parser = Parser(prog=COMMAND, description="Draw the chapter's plots of its schedules, with the applied rates of "
                                              "the three frameworks, into reproduce/results/plots.")
    check = parse_arguments(parser, arguments).check
    quiet()
    try:
        applied = {framework: measure(framework) for framework in FRAMEWORKS}
    except FrameworkMissingError as error:
        print(error, file=sys.stderr)
        return USAGE
    if differences := find_differences(applied):
        print("\n".join(differences), file=sys.stderr)
        return FAILED
    texts = {f"{name}.svg": draw(name, {framework: rates[name][:, 0] for framework, rates in applied.items()})
             for name in PLOTS}
    return update(texts, FOLDER, COMMAND, check=check)


if __name__ == "__main__":
    sys.exit(main())
