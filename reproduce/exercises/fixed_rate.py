"""Exercise 1: how good is the best model of a constant rate?

python reproduce/exercises/fixed_rate.py --dry-run
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)  # the project instead of this folder

from reproduce.exercises.exercise import HERE, Exercise, main
from reproduce.trainer.errors import OutputError

if TYPE_CHECKING:
    from reproduce.exercises.results import Results

#: The plan of `python -m reproduce.exercises confirm`, and the names of schedules before their rate.
CONFIRM, RATE = HERE / "plans" / "fixed_rate_confirm.toml", "constant-lr"


def choose_best(results: "Results") -> list[float] | None:
    """Return the two rates with the highest mean accuracy in torch; None before all its runs are there.

    Dead runs count; of equal rates the lower one comes first.
    """
    cells = [cell for cell in results.cells.values() if cell.framework == "torch"]
    ranked = sorted(cells, key=lambda cell: -(cell.summarize(everything=True).mean or 0))
    return [float(cell.name.removeprefix(RATE)) for cell in ranked[:2]] if all(
        cell.is_complete for cell in cells) else None


def answer(results: "Results") -> str:
    """Return the choice of two rates, and their accuracy on other seeds. Raises OutputError if others are confirmed."""
    from reproduce.exercises.tables import build_cells, build_pairs, describe_accuracy, describe_dead

    best, other, cells = choose_best(results), results.read(CONFIRM), build_cells(results)
    if best is None:
        return f"No rate is chosen before all runs in torch are there. {describe_dead(results)}\n\n{cells}"
    text = (f"{best[0]:g} and {best[1]:g} have the highest mean test accuracy in torch, dead runs included. "
            f"{describe_dead(results)}")
    if other is None:
        return f"{text} They are not confirmed yet: `python -m reproduce.exercises confirm`.\n\n{cells}"
    first, second = (f"{RATE}{rate!r}" for rate in best)
    if sorted(other.names) != sorted((first, second)):
        raise OutputError(f"{CONFIRM}: rates must be the best two, {best[0]:g} and {best[1]:g}; confirm them again")
    confirmed = f"On other seeds, {other.made} of {other.planned} runs:\n\n{build_cells(other)}"
    return (f"{text} Test accuracy on other seeds, with 95 % intervals:\n\n{describe_accuracy(other)}\n\n{cells}\n\n"
            f"{confirmed}\n\n{build_pairs(other.compare(first, second))}")


EXERCISE = Exercise("fixed_rate", "Exercise 1: a constant rate",
                    "Which constant rate gives the best model, and where does training fail?",
                    answer)

if __name__ == "__main__":
    sys.exit(main(EXERCISE))
