"""Builds the page of the exercises, EXERCISES.md, with its figures."""

from __future__ import annotations

from pathlib import Path

from reproduce.exercises import (
    averaging,
    cycles,
    drift,
    exponent,
    figures,
    fixed_rate,
    maps,
    plateau,
    warmup_length,
    warmups,
)
from reproduce.exercises.exercise import HERE, Exercise
from reproduce.exercises.results import Results
from reproduce.exercises.tables import FEWEST
from reproduce.study import rows
from reproduce.study.analysis.samples import Study, read_study
from reproduce.study.analysis.tables import build_table
from reproduce.study.plan import read_plan, read_single_plan
from reproduce.trainer.figures import format_svg

COMMAND = "python -m reproduce.exercises results"
PAGE = "EXERCISES.md"
#: The plan of all runs but those that confirm exercise 1.
ALL = HERE / "plans" / "all.toml"
#: All exercises in the order of the page, each with the function that draws its figure.
EXERCISES = {
    fixed_rate.EXERCISE: figures.draw_rates, exponent.EXERCISE: figures.draw_curves,
    warmup_length.EXERCISE: maps.draw_heat_maps, averaging.EXERCISE: maps.draw_gains,
    drift.EXERCISE: maps.draw_distances, cycles.EXERCISE: figures.draw_curves, plateau.EXERCISE: figures.draw_curves,
    warmups.EXERCISE: figures.draw_curves,
}

TEXT = """# The chapter's exercises

<!-- made by: {command} -->

Answers to the exercises of the section "Learning Rate Scheduling" of [Dive into Deep Learning](https://d2l.ai), and
experiments that it only cites. Exercises [3](imagenet/README.md) and [5](sgld/README.md) have their own pages. Networks
and batches are those of [the chapter, rerun](../README.md); [the study](../study/README.md) explains the columns of
`runs.csv`.

**{made:,} of {planned:,} runs are made.**{more} A schedule without all its runs has numbers and no verdict.

{table}

    python -m reproduce.study run reproduce/exercises/plans/all.toml --study reproduce/exercises    # all runs
    python -m reproduce.exercises confirm    # then choose the best two rates of exercise 1, and run their plan:
    python -m reproduce.study run reproduce/exercises/plans/fixed_rate_confirm.toml --study reproduce/exercises
    python reproduce/exercises/fixed_rate.py --framework mxnet    # one exercise in one framework; --dry-run counts
    {command}    # this page, from runs.csv and curves.jsonl; the tables of those two

How to read the tables:

- Accuracies are shares of images, of the weights after the last epoch. Intervals are t intervals about seeds;
  of a few runs that differ much, they can end above 1.
- A run is dead if the median loss of its last epoch's batches is within .01 of ln 10, the loss of guessing; it may
  have learned before. It is also dead if its loss or weights stop being finite (diverged).
- Means and differences are those of runs that are not dead. The share of dead runs has Wilson's interval.
- A run is stalled if, in one epoch or more that begins with a rate above 0, the mean train loss is within .01 of
  ln 10. It may have learned before, or learn later. One that diverged need not be stalled.
- A difference is that of runs with the same seed: the same first weights, the same batches.
- All runs were made on one kind of processor. Some, with the chapter's schedules and seeds from 100 on, are
  [the study's](../study/README.md); those that the study made on another kind were made again, with other results.
- Drift and exercise 4 have five seeds for each schedule, and exercise 4 has 20 epochs; this was set before their first
  run. After one dead run their comparison is not settled.
- All runs are tested on the same 10,000 images. A rate is chosen and confirmed with different seeds, not other images.
- "better" leaves out dead runs: read both columns, since a schedule can learn better and fail more often.
- "better" and "worse": p below .05 after Holm's correction over the table; intervals are not corrected. "preliminary":
  runs are missing, of this pair (p is -), or of others (p has the bounds that any result of theirs would leave).
- "not settled": not so, which does not mean that there is no difference. With fewer than {fewest} pairs p is 1, in the
  correction too.
- A run that stands in several plans is counted in each of their sections, and once in the sum above.

{sections}
SHA-256 of the results: `{digest}`.
"""


def read_results(folder: Path = HERE) -> Study:
    """Return the runs in a folder, an empty study if it has no file of runs. Raises OutputError."""
    if not any((folder / name).exists() for name in (rows.RUNS, rows.CURVES)):
        return Study({}, "none")
    return read_study(folder)


def build_files(study: Study) -> dict[str, str]:
    """Return the page and its figures, by their paths in the folder of the exercises. Raises OutputError, PlanError."""
    results = {exercise: Results(read_single_plan(exercise.plan), study) for exercise in EXERCISES}
    drawn = {f"figures/{exercise.name}.svg": format_svg(EXERCISES[exercise](result), "exercises")
             for exercise, result in results.items() if result.made}
    table = build_table(["", "question", "runs", "script"], (
        [exercise.title, exercise.question, f"{result.made} of {result.planned}",
         f"[{exercise.name}.py]({exercise.name}.py), [plan](plans/{exercise.name}.toml)"]
        for exercise, result in results.items()))
    sections = "".join(_build_section(exercise, result) for exercise, result in results.items())
    confirmed = fixed_rate.CONFIRM.exists()
    trials = [trial for plan in (ALL, *[fixed_rate.CONFIRM] * confirmed) for trial in read_plan(plan).list_trials()]
    made = sum(trial.seed in study.list_runs((trial.key[0], trial.framework), epochs=trial.epochs) for trial in trials)
    text = TEXT.format(command=COMMAND, made=made, planned=len(trials), table=table,
                       more="" if confirmed else " 60 more will confirm exercise 1.", fewest=FEWEST, sections=sections,
                       digest=study.digest)
    return {PAGE: text, **drawn}


def _build_section(exercise: Exercise, results: Results) -> str:
    """Return the section of an exercise; without a run it has no figure."""
    count = f"{results.made} of {results.planned} runs."
    head = f"## {exercise.title}\n\n{exercise.question} {count}\n\n"
    if not results.made:
        return f"{head}Not run: `python reproduce/exercises/{exercise.name}.py`.\n\n"
    return f"{head}{exercise.answer(results)}\n\n![{exercise.title}](figures/{exercise.name}.svg)\n\n"
