"""Builds the page of results, reproduce/RESULTS.md, with its figures."""

from __future__ import annotations

import re

from reproduce.results.__main__ import read_published
from reproduce.study import rows
from reproduce.study.analysis import figures, forests, registered, tables, unpaired
from reproduce.study.analysis.answer import answer
from reproduce.study.analysis.samples import Study
from reproduce.study.analysis.text import CAPTIONS, PARTS, TEXT
from reproduce.study.analysis.verdicts import DIFFERENT, FALSE, NOT_SETTLED, TRUE
from reproduce.study.plan import read_plan

COMMAND = "python -m reproduce.study results"
PAGE, FIGURES = "RESULTS.md", "figures"
#: The verdicts of counts between two arms of which neither is expected to have fewer.
COUNTED = {TRUE: DIFFERENT, FALSE: DIFFERENT, NOT_SETTLED: NOT_SETTLED}


def build_files(study: Study) -> dict[str, str]:
    """Return the page and its figures, by their paths in reproduce/."""
    effects, frameworks = registered.evaluate_effects(study), registered.compare_frameworks(study)
    statements, deaths = registered.evaluate_statements(study), registered.count_dead_by_warmup(study)
    drawn = {"effects": forests.draw_effects(effects), "bands": figures.draw_bands(study),
             "frameworks": forests.draw_frameworks(frameworks), "losses": figures.draw_losses(study),
             "strips": figures.draw_strips(study)}
    stalled = unpaired.count_stalled_runs(study)
    if stalled:
        drawn["stalled"] = forests.draw_stalled(stalled)
    counts = {part: _count_runs(study, plan) for part, (plan, *_) in PARTS.items()}
    parts = {
        "answer": _mark(counts["A"], answer(study, effects)),
        "runs": _build_runs(counts), "machines": _describe_machines(study), "digest": study.digest, "command": COMMAND,
        "overview": tables.build_overview(statements, deaths),
        "statements": tables.build_results(["", "framework"], statements),
        "dead_by_warmup": tables.build_counts(["", "framework"], deaths, {TRUE: "true", FALSE: "false"}),
        "stalled_by_warmup": tables.build_counts(["", "framework"], registered.count_stalled_by_warmup(study)),
        "power": tables.build_power(frameworks),
        "frameworks": tables.build_results(["schedule", "first", "second"], frameworks),
        "all_frameworks": _summarize_frameworks(frameworks),
        "dead_by_framework": tables.build_counts(["schedule", "first", "second"],
                                                 registered.count_dead_by_framework(study), COUNTED),
        "effects": tables.build_results(["schedule", "framework"], effects),
        "book": _build_book(study),
        "stalled": _build_stalled(study, stalled),
        "averaging": tables.build_results(["schedule", "framework"], registered.evaluate_averaging(study)),
        "dead": tables.build_dead(study), "not_distinguishable": unpaired.NOT_DISTINGUISHABLE,
    }
    parts |= {f"figure_{name}": _build_figure(name) for name in drawn}
    page = re.sub(r"\n{3,}", "\n\n", TEXT.format(**{"figure_stalled": "", **parts}))
    return {PAGE: page} | {f"{FIGURES}/{name}.svg": text for name, text in drawn.items()}


def _build_figure(name: str) -> str:
    """Return a figure with its caption, which begins with the text for readers who do not see the figure."""
    return f"![{CAPTIONS[name].split(',')[0]}]({FIGURES}/{name}.svg)\n\n{CAPTIONS[name]}."


def _mark(count: tuple[int, int], text: str) -> str:
    """Return the answer, marked as preliminary before all runs of part A are there."""
    present, registered_runs = count
    if present == registered_runs:
        return text
    return f"**Preliminary: {present:,} of {registered_runs:,} runs, no verdict yet**. {text}"


def _count_runs(study: Study, plan: str) -> tuple[int, int]:
    """Return how many runs of a plan are there, and how many it has."""
    trials = read_plan(rows.HERE / "plans" / plan).list_trials()
    return sum(trial.seed in study.list_runs((trial.key[0], trial.framework), trial.variant, trial.epochs)
               for trial in trials), len(trials)


def _build_runs(counts: dict[str, tuple[int, int]]) -> str:
    lines = [[part, what, f"{size:,}", f"{counts[part][0]:,}", _format_command(part)]
             for part, (_, what, size) in PARTS.items()]
    return tables.build_table(["part", "runs", "registered", "finished", "command"], lines)


def _format_command(part: str) -> str:
    """Return the command that runs the plan of a part."""
    return f"`python -m reproduce.study run reproduce/study/plans/{PARTS[part][0]}`"


def _summarize_frameworks(results: list[registered.Result]) -> str:
    """Return how many of the pairs are equivalent."""
    equivalent = sum(result.verdict.startswith("equivalent") for result in results)
    waiting = sum(not result.comparison.is_complete for result in results)
    if waiting:
        return f"{waiting} of the {len(results)} comparisons do not have all their runs yet."
    return f"{'All' if equivalent == len(results) else equivalent} of {len(results)} comparisons are equivalent."


def _describe_machines(study: Study) -> str:
    """Return the processors, and the seeds whose runs were made on more than one."""
    seeds: dict[tuple[int, int], set[str]] = {}
    for (_, epochs), cells in study.runs.items():
        for seed, run in (pair for runs in cells.values() for pair in runs.items()):
            seeds.setdefault((seed, epochs), set()).update(run.machine.split(rows.AND))
    mixed = sorted(seed for (seed, _), machines in seeds.items() if len(machines) > 1)
    text = f"Processors: {'; '.join(sorted(set().union(*seeds.values())))}."
    if mixed:
        text += f" Seeds with runs on more than one of them: {', '.join(map(str, mixed))}."
    return text


def _build_book(study: Study) -> str:
    results = unpaired.compare_with_book(study, read_published())
    return tables.build_book(results) if results else f"Not run: {_format_command('B')}."


def _build_stalled(study: Study, stalled: list[unpaired.Stalled]) -> str:
    if not stalled:
        return f"Not run: {_format_command('D')}."
    counts = tables.build_counts(["rate", "first", "second"], unpaired.compare_stalled_runs(study), COUNTED)
    return f"{tables.build_stalled(stalled)}\n\n{counts}"
