"""Builds studies of runs with known outcomes."""

from __future__ import annotations

from dataclasses import replace

from frameworks import FRAMEWORKS
from reproduce.exercises.results import HASH, Results
from reproduce.study.analysis.registered import CHAPTER, OTHERS, list_seeds
from reproduce.study.analysis.samples import EPOCHS, Run, Study
from reproduce.study.plan import read_plan, read_single_plan

#: Differences of ten seeds with mean 0 and standard deviation 1, which are repeated.
PATTERN = (-1.5, -1.1, -0.8, -0.4, -0.1, 0.1, 0.4, 0.8, 1.1, 1.5)


def build_run(accuracy=0.88, dead=False, stalled=False, schedule="", **outcomes):
    """Return a run with an accuracy of all its epochs."""
    values = {"accuracy": accuracy, "loss": 0.2, "early": accuracy, "roughness": 0.004, "gap": 0.05, "gap_change": 0.02,
              "averaged_gain": 0.01} | outcomes
    curves = {"train_loss": [values["loss"]] * EPOCHS, "train_accuracy": [0.9] * EPOCHS,
              "test_accuracy": [accuracy] * EPOCHS}
    return Run(dead, stalled, values, curves, schedule, "a processor")


#: A run that never learned.
DEAD = build_run(0.1, dead=True, stalled=True)
#: A run that learned, and died later.
LATE = replace(DEAD, curves=DEAD.curves | {"test_accuracy": [0.8] + [0.1] * (EPOCHS - 1)})


def spread(mean, deviation, count):
    """Return numbers with about this mean and standard deviation."""
    return [mean + deviation * PATTERN[number % len(PATTERN)] for number in range(count)]


def build_study(cells, variant="described", epochs=EPOCHS):
    """Return a study. cells: the runs by (experiment, framework), each by seed."""
    return Study({(variant, epochs): cells}, "digest")


def build_whole(gains, dead=(), missing=()):
    """Return a study with every registered run of the text variant, in which the constant rate ends at about .88.

    gains: the mean and the deviation of the final test accuracy minus the constant rate's, by experiment (default: 0,
    .002). dead: experiments without a learning run. missing: (experiment, framework, seed) without a run.
    """
    cells = {}
    for name in (*CHAPTER, *OTHERS):
        for framework in FRAMEWORKS:
            seeds = list_seeds(name)
            mean, deviation = (0.0, 0.0) if name == "constant" else gains.get(name, (0.0, 0.002))
            cells[name, framework] = {
                seed: DEAD if name in dead else build_run(0.88 + 0.001 * (
                    seed % 3) + gain, gap_change=0.02 + gain / 10 + 0.001 * (seed % 2))
                for seed, gain in zip(seeds, spread(mean, deviation, len(seeds)))
                if (name, framework, seed) not in missing}
    return build_study(cells)


def build_exercise(plan, values=(), frameworks=("torch",), missing=()):
    """Return a study with the runs of a plan. values: a run, or accuracies by seed, by name (default: .88)."""
    cells = {}
    for trial in read_plan(plan).list_trials():
        name = HASH.sub("", trial.key[0])
        run = dict(values).get(name, [0.88] * 10)[trial.seed % 10]
        for framework in frameworks if (name, trial.seed) not in missing else ():
            built = build_run(run) if isinstance(run, float) else run
            cells.setdefault(("described", trial.epochs), {}).setdefault((trial.key[0], framework), {})[
                trial.seed] = built
    return Study(cells, "digest")


def read_exercise(one, **options):
    """Return the constructed runs of an exercise. options: as in `build_exercise`."""
    return Results(read_single_plan(one.plan), build_exercise(one.plan, **options))
