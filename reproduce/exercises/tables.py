"""Writes the tables and sentences of the exercises' answers, with verdicts. Needs scipy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from reproduce.exercises.results import Cell, Pair, Results
from reproduce.study.analysis.procedures import Difference, compute_share_interval, correct_partly
from reproduce.study.analysis.tables import EMPTY, build_table, format_bounds, format_difference, format_name
from reproduce.study.analysis.verdicts import NOT_SETTLED, PRELIMINARY, is_significant

#: With fewer pairs of runs that learned, nothing is decided.
FEWEST = 5
#: A network with a higher test accuracy after an epoch has learned; guessing has .1.
HAS_LEARNED = 0.5
#: The verdicts of a positive and of a negative difference of accuracies.
WORDS = ("better", "worse")


def build_cells(results: Results, *, early: bool = False) -> str:
    """Return a table of all cells: runs, accuracy with interval, dead and stalled runs.

    early: also the accuracy after epoch 5 (default: no).
    """
    heads = ["test accuracy", "95 % interval", "dead", "95 % interval", "diverged", "stalled"]
    return build_table(["schedule", "framework", "runs", *["after epoch 5", "95 % interval"] * early, *heads], (
        [format_name(cell.name), cell.framework, f"{len(cell.runs)} of {cell.planned}",
         *(format_mean(cell.summarize("early")) if early else ()), *format_mean(cell.summarize()), cell.dead,
         format_share(cell.dead, len(cell.runs)), cell.diverged, cell.stalled] for cell in results.cells.values()))


def describe_dead(results: Results) -> str:
    """Return a sentence about the runs that ended without learning, and of these the ones that diverged."""
    cells = [cell for cell in results.cells.values() if cell.dead]
    if not cells:
        return "No run died or diverged."
    parts = [f"{cell.dead} of {len(cell.runs)} with {format_name(cell.name)} in {cell.framework}"
             + f" ({cell.diverged} diverged)" * bool(cell.diverged) for cell in cells]
    return f"Dead runs: {', '.join(parts)}."


def build_dead(heads: Sequence[str], lines: Iterable[tuple[Sequence[str], Sequence[Cell]]]) -> str:
    """Return a table of dead runs: a column for each cell of a line, and one for all its cells but the first.

    lines: the first entries of each line, and its cells.
    """
    def count(cells: Sequence[Cell]) -> str:
        runs = sum(len(cell.runs) for cell in cells)
        return f"{sum(cell.dead for cell in cells)} of {runs}" if runs else EMPTY

    return build_table(heads, ([*entries, *(count([cell]) for cell in cells), count(cells[1:])]
                               for entries, cells in lines))


def describe_collapse(results: Results) -> str:
    """Return a sentence about the dead runs that had learned in an earlier epoch."""
    dead = [run for cell in results.cells.values() for run in cell.runs.values() if run.dead]
    earlier = sum(max(run.curves["test_accuracy"], default=0) > HAS_LEARNED for run in dead)
    return f"Of {len(dead)} dead runs, {earlier} had a test accuracy above {HAS_LEARNED} after an earlier epoch."


def describe_accuracy(results: Results) -> str:
    """Return a line about each schedule: its mean test accuracy in every framework, with 95 % interval."""
    lines = []
    for name in results.names:
        parts = []
        for cell in (results.cells[name, framework] for framework in results.frameworks):
            mean, interval = format_mean(cell.summarize())
            about = f"{interval}; {len(cell.learned)} runs" if cell.learned else "no run learned"
            parts.append(f"{mean} in {cell.framework} ({about})")
        lines.append(f"- {format_name(name)}: {', '.join(parts)}.")
    return "\n".join(lines)


def judge(pairs: Sequence[Pair], words: tuple[str, str] = WORDS) -> list[tuple[str, tuple[float, float]]]:
    """Return the verdict of each pair, and the bounds of its p value after Holm's correction over all of them.

    words: if p is below .05, for a positive and a negative difference (default: better, worse). Otherwise the verdict
        is "preliminary" if runs are missing, else "not settled".
    """
    ps = [None if not pair.is_complete else pair.difference.p if pair.difference.size >= FEWEST else 1.0
          for pair in pairs]
    verdicts = []
    for pair, bounds in zip(pairs, correct_partly(ps)):
        significant = is_significant(bounds)
        if not pair.is_complete or significant is None:
            verdict = PRELIMINARY
        elif not significant:
            verdict = NOT_SETTLED
        else:
            verdict = words[(pair.difference.mean or 0) < 0]
        verdicts.append((verdict, bounds))
    return verdicts


def build_pairs(pairs: Sequence[Pair], words: tuple[str, str] = WORDS) -> str:
    """Return a sentence about differences, and their table, Holm over the table. words: as in `judge`."""
    judged = list(zip(pairs, judge(pairs, words)))
    table = build_table(["schedule", "minus", "framework", "verdict", "difference (95 % interval; pairs)", "p, Holm"], (
        [format_name(pair.first.name), format_name(pair.second.name), pair.first.framework, verdict,
         format_difference(pair.difference), format_bounds(bounds) if pair.is_complete else EMPTY]
        for pair, (verdict, bounds) in judged))
    counts = Counter(verdict for _, (verdict, _) in judged)
    parts = [f"{counts[word]} {word}" for word in (*words, NOT_SETTLED, PRELIMINARY) if counts[word]]
    return f"Of {len(pairs)} differences: {', '.join(parts)}.\n\n{table}"


def build_answer(results: Results, pairs: Sequence[Pair]) -> str:
    """Return differences, the sentence about dead runs, and all cells with their early accuracy."""
    return f"{build_pairs(pairs)}\n\n{describe_dead(results)}\n\n{build_cells(results, early=True)}"


def format_mean(mean: Difference) -> tuple[str, str]:
    """Return a mean and its interval, with four decimals."""
    return (EMPTY if mean.mean is None else f"{mean.mean:.4f}",
            EMPTY if mean.interval is None else f"{mean.interval[0]:.4f} to {mean.interval[1]:.4f}")


def format_share(events: int, count: int) -> str:
    """Return Wilson's 95 % interval of a share."""
    return "{:.2f} to {:.2f}".format(*compute_share_interval(events, count)) if count else EMPTY


def build_gains(results: Results) -> str:
    """Return the sentence and table of the averaged weights against the last ones of the same run."""
    return build_pairs([Pair(replace(cell, name=f"{cell.name}, averaged"), cell, cell.summarize("averaged_gain"),
                             cell.is_complete) for cell in results.cells.values()])
