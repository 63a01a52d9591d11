"""Exercise 4: how long should a warm-up last?

python reproduce/exercises/warmup_length.py --dry-run
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)  # the project instead of this folder

from reproduce.exercises.exercise import Exercise, main

if TYPE_CHECKING:
    from reproduce.exercises.results import Results

LENGTHS, PEAKS, RAMPS = (0, 1, 2, 3, 5, 10), (0.3, 0.5, 1.0), ("update", "epoch")
NOTE = ("A warm-up with a rate for each epoch begins with an epoch at rate 0, as in the chapter: one of 1 epoch is "
        "training that begins an epoch later. Runs without a warm-up stand in both lines of a peak. The figure "
        "has the accuracy of runs that learned (white: none did) and the share of stalled ones.")


def name_schedule(length: int, peak: float, ramp: str) -> str:
    """Return the name of a schedule in the plan. length: epochs. ramp: what has one rate of the warm-up."""
    return f"warmup{length}_peak{peak:g}" + f"_{ramp}" * bool(length)


def build_dead(results: "Results") -> str:
    """Return the table of dead runs: a line for each peak and ramp, a column for each length."""
    from reproduce.study.analysis.tables import EMPTY, build_table

    heads = ["peak", "a rate for each", "framework", *map(str, LENGTHS)]
    lines = [[f"{peak:g}", ramp, framework, *(
        f"{cell.dead} of {len(cell.runs)}" if cell.runs else EMPTY for length in LENGTHS
        for cell in [results.cells[name_schedule(length, peak, ramp), framework]])]
             for peak in PEAKS for ramp in RAMPS for framework in results.frameworks]
    return f"{NOTE}\n\nDead runs, by the epochs of warm-up:\n\n{build_table(heads, lines)}"


def answer(results: "Results") -> str:
    """Return dead runs, warm-ups against none with the same peak, rates per update against per epoch, and all cells."""
    from reproduce.exercises.tables import build_cells, build_pairs

    pairs = [pair for peak in PEAKS for length in LENGTHS[1:] for ramp in RAMPS
             for pair in results.compare(name_schedule(length, peak, ramp), name_schedule(0, peak, ramp))]
    ramps = [pair for peak in PEAKS for length in LENGTHS[1:]
             for pair in results.compare(name_schedule(length, peak, "update"), name_schedule(length, peak, "epoch"))]
    return (f"{build_dead(results)}\n\nAgainst no warm-up. {build_pairs(pairs)}\n\nA rate for each update against one "
            f"for each epoch. {build_pairs(ramps)}\n\n{build_cells(results)}")


EXERCISE = Exercise("warmup_length", "Exercise 4: the length of the warm-up",
                    "How long should a warm-up last, to which peak, with a rate for each update or for each epoch?",
                    answer)

if __name__ == "__main__":
    sys.exit(main(EXERCISE))
