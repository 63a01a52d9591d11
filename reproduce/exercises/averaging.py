"""Averages weights along constant, cyclic and cosine-restart schedules (Izmailov et al. 2018).

python reproduce/exercises/averaging.py --dry-run
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)  # the project instead of this folder

from reproduce.exercises.exercise import Exercise, main

if TYPE_CHECKING:
    from reproduce.exercises.results import Results
    from reproduce.study.analysis.samples import Run

def answer(results: "Results") -> str:
    """Return the averaged weights against the last ones of the same run, and against those of the constant rate."""
    from reproduce.exercises.tables import build_cells, build_gains, build_pairs

    def measure(run: "Run") -> float:
        return run.outcomes["accuracy"] + run.outcomes["averaged_gain"]

    pairs = [pair for name in results.names[1:] for pair in results.compare(name, results.names[0], measure)]
    return (f"Averaged weights against the last ones. {build_gains(results)}\n\n"
            f"Averaged weights of two schedules. {build_pairs(pairs)}\n\n"
            f"The last weights:\n\n{build_cells(results)}")


EXERCISE = Exercise("averaging", "Averaged weights",
                    "Is the mean of the weights of epochs 16 to 30 better than the last ones, along which schedule?",
                    answer)

if __name__ == "__main__":
    sys.exit(main(EXERCISE))
