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

NOTE = ("Each schedule follows its warm-up. Multi factor, polynomial and cosine are shortened, so their last change is "
        "at the same epoch as without. Square root and factor are not: after the warm-up they have the rates of 5 "
        "epochs earlier, so that their differences come from the warm-up and from this shift.")


def answer(results: "Results") -> str:
    """Return each schedule with a warm-up against the same without."""
    from reproduce.exercises.tables import build_answer

    pairs = [pair for name in results.names if not name.startswith("warmup_")
             for pair in results.compare(f"warmup_{name}", name)]
    return f"{NOTE}\n\n{build_answer(results, pairs)}"


EXERCISE = Exercise("warmups", "A warm-up on every schedule",
                    "Is each schedule of the chapter better with a warm-up of 5 epochs?",
                    answer)

if __name__ == "__main__":
    sys.exit(main(EXERCISE))
