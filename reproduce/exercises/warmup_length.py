"""Exercise 4: how long should a warm-up last?

python reproduce/exercises/warmup_length.py --dry-run
"""

import sys
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)  # the project instead of this folder

from reproduce.exercises.exercise import Exercise, main

if TYPE_CHECKING:
    from reproduce.exercises.results import Results

LENGTHS, PEAKS, RAMPS = (0, 1, 2, 3, 5, 10), (0.3, 0.5, 1.0), ("update", "epoch")
NOTE = ("After a warm-up follows a cosine to .01 by epoch 20, with a rate for each epoch; without one the cosine takes "
        "all 20 epochs. A warm-up with a rate for each epoch begins with an epoch at rate 0, as in the chapter: one of "
        "1 epoch is training that begins an epoch later. Runs without a warm-up stand in both lines of a peak. The "
        "figure has the accuracy of runs that are not dead (white: all are) and the share of stalled ones.")


def name_schedule(length: int, peak: float, ramp: str) -> str:
    """Return the name of a schedule in the plan. length: epochs. ramp: what has one rate of the warm-up."""
    return f"warmup{length}_peak{peak:g}" + f"_{ramp}" * bool(length)


def answer(results: "Results") -> str:
    """Return dead runs, warm-ups against none with the same peak, rates per update against per epoch, and all cells."""
    from reproduce.exercises.tables import build_cells, build_dead, build_pairs, describe_collapse

    heads = ["peak", "a rate for each", "framework", *map(str, LENGTHS), "1 to 10"]
    dead = build_dead(heads, [((f"{peak:g}", ramp, framework), [
        results.cells[name_schedule(length, peak, ramp), framework] for length in LENGTHS])
        for peak, ramp, framework in product(PEAKS, RAMPS, results.frameworks)])
    pairs = [pair for peak, length, ramp in product(PEAKS, LENGTHS[1:], RAMPS)
             for pair in results.compare(name_schedule(length, peak, ramp), name_schedule(0, peak, ramp))]
    ramps = [pair for peak, length in product(PEAKS, LENGTHS[1:])
             for pair in results.compare(name_schedule(length, peak, "update"), name_schedule(length, peak, "epoch"))]
    return (f"{NOTE}\n\nDead runs, by the epochs of warm-up:\n\n{dead}\n\n{describe_collapse(results)}"
            f"\n\nAgainst no warm-up. {build_pairs(pairs)}\n\nA rate for each update against one for each epoch. "
            f"{build_pairs(ramps)}\n\n{build_cells(results)}")


EXERCISE = Exercise("warmup_length", "Exercise 4: the length of the warm-up",
                    "How long should a warm-up last, to which peak, with a rate for each update or for each epoch?",
                    answer)

if __name__ == "__main__":
    sys.exit(main(EXERCISE))
