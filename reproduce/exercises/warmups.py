"""Puts a warm-up on every schedule of the chapter.

python reproduce/exercises/warmups.py --dry-run
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
    """Return each schedule with a warm-up against the same without."""
    from reproduce.exercises.tables import build_answer

    return build_answer(results, [pair for name in results.names if not name.startswith("warmup_")
                                  for pair in results.compare(f"warmup_{name}", name)])


EXERCISE = Exercise("warmups", "A warm-up on every schedule",
                    "Is each schedule of the chapter better with a warm-up of 5 epochs?",
                    answer)

if __name__ == "__main__":
    sys.exit(main(EXERCISE))
