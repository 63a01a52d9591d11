"""Trains with cyclic and one-cycle schedules (Smith 2015; Smith and Topin 2017).

python reproduce/exercises/cycles.py --dry-run
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)  # the project instead of this folder

from reproduce.exercises.exercise import Exercise, main

if TYPE_CHECKING:
    from reproduce.exercises.results import Results

def answer(results: "Results") -> str:
    """Return each schedule against the constant rate."""
    from reproduce.exercises.tables import build_answer

    return build_answer(results, [pair for name in results.names[1:]
                                  for pair in results.compare(name, results.names[0])])


EXERCISE = Exercise("cycles", "Cyclic and one-cycle schedules",
                    "Are cycles of 10 epochs, or one cycle of 30, better than the constant rate .3?",
                    answer)

if __name__ == "__main__":
    sys.exit(main(EXERCISE))
