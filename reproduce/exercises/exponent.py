"""Exercise 2: how does convergence change with the exponent of the decay?

python reproduce/exercises/exponent.py --dry-run
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)  # the project instead of this folder

from reproduce.exercises.exercise import Exercise, main

if TYPE_CHECKING:
    from reproduce.exercises.results import Results

#: The chapter's schedule, with the exponent 1/2 or the power 2, by what the names of the others begin with.
REFERENCES = {"power_law_": "square_root", "polynomial_": "polynomial"}


def answer(results: "Results") -> str:
    """Return each exponent against the usual one of its kind: 1/2, and power 2."""
    from reproduce.exercises.tables import build_answer

    return build_answer(results, [pair for begin, reference in REFERENCES.items() for name in results.names
                                  if name.startswith(begin) for pair in results.compare(name, reference)])


EXERCISE = Exercise("exponent", "Exercise 2: the exponent of the decay",
                    "How does convergence change with the exponent: .1 (t + 1)^-a, PolyScheduler from .3 to .01?",
                    answer)

if __name__ == "__main__":
    sys.exit(main(EXERCISE))
