"""Formats the tables of the results page as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from frameworks import FRAMEWORKS
from reproduce.study.analysis.procedures import Difference, compute_share_interval, simulate_power
from reproduce.study.analysis.registered import CHAPTER, OTHERS, STATEMENTS, Counts, Result, Statement, list_seeds
from reproduce.study.analysis.samples import TOLERANCES, Comparison, Study
from reproduce.study.analysis.unpaired import BookResult, Stalled
from reproduce.study.analysis.verdicts import PRELIMINARY, Bounds, summarize

#: The outcomes by name, as the page prints them.
OUTCOMES = {"accuracy": "final test accuracy", "gap": "gap of the final weights", "roughness": "roughness",
            "early": "test accuracy after epoch 5", "gap_change": "printed gap, epoch 30 minus epoch 15"}
EMPTY = "-"
HEADS = ("verdict", "difference", "95 % interval", "90 % interval", "pairs", "all pairs", "dead", "p", "p, Holm",
         "p, TOST")


def build_table(heads: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """Return a table. heads: of the columns. lines: the cells of each row."""
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in [heads, ["---"] * len(heads), *lines])


def build_results(heads: Sequence[str], results: Iterable[Result]) -> str:
    """Return a table of comparisons; those without all runs have no p. heads: of the columns of names."""
    return build_table([*heads, *HEADS], ([*map(format_name, result.names), *format_result(result)]
                                          for result in results))


def build_overview(statements: Sequence[Result], deaths: Sequence[Counts]) -> str:
    """Return the table of the chapter's statements: a line for each, with each framework and the overall verdict."""
    lines = []
    for statement in STATEMENTS:
        results = [result for result in statements if result.names[0] == statement.number]
        lines.append([statement.number, statement.text, _describe_condition(statement),
                      *(_format_short(result) for result in results),
                      f"**{summarize([result.verdict for result in results], FRAMEWORKS)}**"])
    lines.append(["S10", "warm-up prevents divergence", "dead runs: fewer with warm-up than with cosine", *(
        f"{count.verdict}: {count.only_first} against {count.only_second} of {count.pairs} pairs" for count in deaths),
        f"**{summarize([count.verdict for count in deaths], FRAMEWORKS)}**"])
    return build_table(["", "statement", "true if", *FRAMEWORKS, "overall"], lines)


def build_power(results: Iterable[Result]) -> str:
    """Return the table of the simulated power of TOST, with the spread of our pairs."""
    return build_table(["schedule", "first", "second", "pairs", "standard deviation", "power"], (
        [*map(format_name, result.names), difference.size, f"{difference.spread:.4f}",
         f"{simulate_power(difference.spread, difference.size, TOLERANCES['accuracy']):.3f}"]
        for result in results if (difference := result.comparison.difference).spread))


def build_counts(heads: Sequence[str], counts: Iterable[Counts],
                 words: Mapping[str, str] | None = None) -> str:
    """Return a table of exact McNemar tests; those without all pairs have no p.

    words: the verdicts to print instead of "true" and "false" (default: no verdicts).
    """
    columns = ["pairs", "in the first alone", "in the second alone", "p", "p, Holm"]
    return build_table([*heads, *columns, *["verdict"] * bool(words)], (
        [*map(format_name, count.names), f"{count.pairs} of {count.registered}", count.only_first, count.only_second,
         *((format_p(count.p), format_bounds(count.bounds)) if count.pairs == count.registered else [EMPTY] * 2),
         *[words.get(count.verdict, count.verdict) for _ in "1" if words]] for count in counts))


def build_book(results: Sequence[BookResult]) -> str:
    """Return the tables of the book variant against the published renders: accuracies with dead runs, and losses."""
    heads = ["experiment", "framework", "verdict", "ours minus published", "95 % interval", "90 % interval"]
    accuracies = build_table([*heads, "p, TOST", "runs, renders", "dead", "p, Fisher"], (
        [*map(format_name, result.names), result.accuracy_verdict, *format_numbers(result.accuracy),
         format_p(result.accuracy.p_equivalence), f"{result.runs}, {result.renders}",
         f"{result.dead}, {result.dead_renders}", format_p(result.p_dead)] for result in results))
    losses = build_table([*heads, "tolerance", "p"], (
        [*map(format_name, result.names), result.loss_verdict, *format_numbers(result.loss or Difference(0)),
         *([f"{result.bound:.4f}", format_p(result.loss.p_equivalence)] if result.loss else
           ["none: Kolmogorov-Smirnov", format_p(result.p_loss)])] for result in results))
    return f"Final test accuracy, and dead runs:\n\n{accuracies}\n\nPrinted train loss:\n\n{losses}"


def build_stalled(counts: Iterable[Stalled]) -> str:
    """Return the table of stalled runs."""
    return build_table(["rate", "framework", "runs", "stalled", "95 % interval", "dead"], (
        [f"{count.rate:g}", count.framework, count.runs, f"{count.stalled} ({count.stalled / count.runs:.3f})",
         f"{count.interval[0]:.3f} to {count.interval[1]:.3f}", count.dead] for count in counts))


def build_dead(study: Study) -> str:
    """Return the table of dead and stalled runs by schedule and framework, of all registered seeds."""
    lines = []
    for cell in product((*CHAPTER, *OTHERS), FRAMEWORKS):
        if runs := [run for seed, run in study.list_runs(cell).items() if seed in list_seeds(cell[0])]:
            dead, stalled = sum(run.dead for run in runs), sum(run.stalled for run in runs)
            low, high = compute_share_interval(dead, len(runs))
            lines.append([*map(format_name, cell), len(runs), dead, f"{low:.3f} to {high:.3f}", stalled])
    return build_table(["schedule", "framework", "runs", "dead", "95 % interval", "with a stalled epoch"], lines)


def format_result(result: Result) -> list[str]:
    """Return the cells of a comparison: those of HEADS."""
    comparison, difference = result.comparison, result.comparison.difference
    ps = [EMPTY] * 3
    if comparison.is_complete and comparison.is_testable:
        ps = [format_p(difference.p), format_bounds(result.bounds), format_p(difference.p_equivalence)]
    return [result.verdict, *format_numbers(difference), format_pairs(comparison),
            format_difference(comparison.everything), format_dead(comparison), *ps]


def format_numbers(difference: Difference) -> list[str]:
    """Return a mean difference and its two intervals."""
    return [format_number(difference.mean), format_interval(difference.interval), format_interval(difference.narrow)]


def format_name(name: str) -> str:
    """Return an experiment's name as the page prints it; others as they are."""
    return name.replace("_", " ").replace("warmup", "warm-up")


def format_number(value: float | None) -> str:
    """Return a difference with its sign and four decimals, whatever the last bits: halves are common, and so is -0."""
    return EMPTY if value is None else f"{round(round(value, 10), 4) + 0.0:+.4f}"


def format_interval(ends: tuple[float, float] | None) -> str:
    """Return an interval."""
    return EMPTY if ends is None else " to ".join(map(format_number, ends))


def format_difference(difference: Difference) -> str:
    """Return a difference with its interval and number of pairs."""
    if difference.mean is None:
        return EMPTY
    return f"{format_number(difference.mean)} ({format_interval(difference.interval)}; {difference.size})"


def format_p(p: float | None) -> str:
    """Return a p value with two digits."""
    return EMPTY if p is None else "< .0001" if p < 1e-4 else f"{p:.2g}"


def format_bounds(bounds: Bounds) -> str:
    """Return a corrected p value, or the two between which it will be."""
    low, high = map(format_p, bounds)
    return low if low == high else f"{low} to {high}"


def format_pairs(comparison: Comparison) -> str:
    """Return the number of pairs without a dead run; before all runs are there, also that of the seeds."""
    missing = "" if comparison.is_complete else f" from {comparison.present} of {comparison.registered} seeds"
    return f"{comparison.difference.size}{missing}"


def format_dead(comparison: Comparison) -> str:
    """Return the number of dead runs in each arm, the schedules with a positive weight first."""
    return " : ".join(str(number) for number in comparison.dead.values())


def _describe_condition(statement: Statement) -> str:
    """Return what must hold if a statement is true, in words."""
    added = [name for name, weight in statement.weights.items() if weight > 0]
    subtracted = [f" minus {name}" for name, weight in statement.weights.items() if weight < 0]
    arms = format_name("".join([added[0] if len(added) == 1 else "mean of the four", *subtracted]))
    return f"{OUTCOMES[statement.outcome]}, {arms}: {'above' if statement.sign > 0 else 'below'} 0"


def _format_short(result: Result) -> str:
    difference = result.comparison.difference
    parts = [] if result.verdict == PRELIMINARY else [result.verdict]
    if difference.mean is not None:
        parts.append(f"{format_number(difference.mean)} ({format_interval(difference.interval)})")
    size, *missing = format_pairs(result.comparison).partition(" ")
    return "; ".join([*parts, f"{size} pairs{''.join(missing)}"])
