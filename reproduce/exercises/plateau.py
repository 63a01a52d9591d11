"""Trains with a rate that is reduced on a plateau of the train loss.

python reproduce/exercises/plateau.py --dry-run
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
    """Return each rule against the constant rate, and how often it reduced the rate."""
    from frameworks.schedule import ReduceOnPlateau
    from reproduce.exercises.tables import build_cells, build_pairs

    rules = {item.name: ReduceOnPlateau(**item.schedule) for item in results.plan.schedules}
    pairs, lines = [pair for name in rules for pair in results.compare(name, "constant")], []
    for cell in results.cells.values():
        if cell.name in rules and cell.learned:
            last = [rules[cell.name].lr(run.curves["train_loss"][:-1]) for run in cell.learned.values()]
            lines.append(f"- {cell.name} in {cell.framework}: the last epoch has the rates {min(last):.3g} to "
                         f"{max(last):.3g}, in {len(last)} runs.")
    rates = "\n".join(lines) or "No run with a rule learned."
    return "\n\n".join([build_pairs(pairs), rates, build_cells(results, early=True)])


EXERCISE = Exercise("plateau", "Reduce on plateau",
                    "Is it better to halve .3 when the train loss has not improved by 5 % for one epoch, or two?",
                    answer)

if __name__ == "__main__":
    sys.exit(main(EXERCISE))
