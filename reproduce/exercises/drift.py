"""Measures how far each layer moves, with and without a warm-up, at depths of 5 and 20; compare Gotmare et al. 2018.

python reproduce/exercises/drift.py --dry-run
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)  # the project instead of this folder

from reproduce.exercises.exercise import Exercise, main
from reproduce.trainer.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from reproduce.exercises.results import Results
    from reproduce.study.analysis.samples import Run

#: The epochs, from 1, after which distances are compared: the first at the full rate is 6.
EPOCHS, DEPTHS = (1, 5, 30), (5, 20)
NOTE = ("The distance of a layer's weights from the first ones is divided by the norm of the first ones. It is not the "
        "measure of Gotmare et al. 2018, who compare the outputs of layers by canonical correlation. Over its 5 epochs "
        "the warm-up has half the rate on average, so smaller distances are to be expected there; those after epoch 30 "
        "show what lasts.")


def answer(results: "Results") -> str:
    """Return the mean distance of all layers, and that of the last hidden layer, with a warm-up minus without."""
    from reproduce.exercises.tables import build_cells, build_pairs
    from reproduce.study.analysis.samples import DISTANCE

    def select(deep: bool, epoch: int) -> "Callable[[Run], float]":
        def measure(run: "Run") -> float:
            layers = [values[epoch - 1] for name, values in run.curves.items() if name.startswith(DISTANCE)]
            if not layers:
                raise OutputError("curves.jsonl: a run of drift.toml must have distances, has none")
            return layers[-2] if deep else sum(layers) / len(layers)

        return measure

    parts = []
    for epoch in EPOCHS:
        for what, deep in (("the mean of all layers", False), ("the last hidden layer", True)):
            pairs = [pair for depth in DEPTHS for pair in results.compare(
                f"depth{depth}_warmup", f"depth{depth}_without", select(deep, epoch))]
            parts.append(f"After epoch {epoch}, {what}. {build_pairs(pairs, ('farther', 'closer'))}")
    return "\n\n".join([NOTE, *parts, "Accuracies:", build_cells(results)])


EXERCISE = Exercise("drift", "Warm-up and the drift of deep layers",
                    "Does a warm-up of 5 epochs keep layers closer to their first weights, with 5 layers and with 20?",
                    answer)

if __name__ == "__main__":
    sys.exit(main(EXERCISE))
