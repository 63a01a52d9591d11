"""Writes the answer to the question whether the schedule has an effect, in three sentences computed from the runs."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from frameworks import FRAMEWORKS
from frameworks.schedule import lrs
from reproduce.chapter import EXPERIMENTS
from reproduce.study.analysis.registered import CHAPTER, SCHEDULES, Result
from reproduce.study.analysis.samples import EPOCHS, SEEDS, Study
from reproduce.study.analysis.tables import format_name
from reproduce.study.analysis.verdicts import EFFECT, NO_EFFECT, PRELIMINARY, SMALL_EFFECT

#: What the differences are about, for readers of the first paragraph alone.
BASIS = ("Each schedule was compared with the constant rate from the same first weights and batches, in three "
         "frameworks; runs that ended without learning are left out of these means.")
#: The highest rate of each schedule.
PEAKS = {experiment.name: max(lrs(experiment.schedule, EPOCHS)) for experiment in EXPERIMENTS}


def answer(study: Study, effects: Sequence[Result]) -> str:
    """Return the answer: with the verdicts of test 3, or the numbers so far where a verdict is missing."""
    if any(result.verdict == PRELIMINARY for result in effects):
        sentences = [_describe_numbers(effects), BASIS, _describe_dead(study)]
    else:
        sentences = [_describe_effects(effects), _describe_others(effects), _describe_dead(study)]
    return "\n".join(sentences)


def _describe_numbers(effects: Sequence[Result]) -> str:
    names = [name for name in SCHEDULES
             if all(result.comparison.difference.size for result in _select(effects, name))]
    return f"{_describe_gains(effects, names)}." if names else "There are no runs to compare yet."


def _describe_effects(effects: Sequence[Result]) -> str:
    clear = [name for name in SCHEDULES if _has_effect(_select(effects, name))]
    if clear:
        return (f"Yes, in each framework. On average over the three, among runs that learned, "
                f"o{_describe_gains(effects, clear)[1:]}.")
    if all(result.verdict == NO_EFFECT for result in effects):
        return ("No: with each of the four schedules, the networks of each framework get less than 1 of 100 images "
                "more or fewer right.")
    return "It depends: none of the four schedules has an effect in the same direction in all three frameworks."


def _describe_gains(effects: Sequence[Result], names: Sequence[str]) -> str:
    """Return how many test images of 100 are gained with each schedule, the largest gain first."""
    gains = {name: mean(result.comparison.difference.mean or 0 for result in _select(effects, name)) for name in names}
    texts = [f"{round(abs(gain) * 100, 8):.1f} {'more' if gain >= 0 else 'fewer'}{{}} with {format_name(name)}{{}}"
             for name, gain in sorted(gains.items(), key=lambda pair: -pair[1])]
    first, *others = [text.format(*(["", ""] if number else [" are right", " than with a constant rate"]))
                      for number, text in enumerate(texts)]
    return ", ".join([f"Of 100 test images {first}", *others])


def _describe_others(effects: Sequence[Result]) -> str:
    others = [name for name in SCHEDULES if not _has_effect(_select(effects, name))]
    if not others or all(result.verdict == NO_EFFECT for result in effects):
        return BASIS
    text = "; ".join(_describe_verdicts(name, _select(effects, name)) for name in others)
    return f"{text[0].upper()}{text[1:]}."


def _describe_verdicts(name: str, results: Sequence[Result]) -> str:
    """Return the verdicts on a schedule, each with its frameworks: "cosine: no effect in torch, ..."."""
    where: dict[str, list[str]] = {}
    for result in results:
        where.setdefault(result.verdict, []).append(result.names[1])
    if len(where) == 1:
        return f"{format_name(name)}: {results[0].verdict} in each framework"
    return f"{format_name(name)}: {', '.join(f'{verdict} in {join(names)}' for verdict, names in where.items())}"


def _describe_dead(study: Study) -> str:
    """Return the sentence about dead runs: of the schedule with most of them, and of the constant rate."""
    counts = {}
    for name in CHAPTER:
        runs = [run for framework in FRAMEWORKS for seed, run in study.list_runs((name, framework)).items()
                if seed in SEEDS]
        counts[name] = (sum(run.dead for run in runs), len(runs))
    worst = max(SCHEDULES, key=lambda name: counts[name][0] / max(counts[name][1], 1))
    if not counts[worst][0]:
        return "No run with a schedule ended without learning."
    text, peaks = "{0} of {1} runs".format, (PEAKS[worst], PEAKS["constant"])
    why = f", whose highest rate is {peaks[0]:g} instead of {peaks[1]:g}," if peaks[0] > peaks[1] else ""
    return (f"With {format_name(worst)}{why} {text(*counts[worst])} ended without learning, against "
            f"{text(*counts['constant'])} with the constant rate.")


def _has_effect(results: Sequence[Result]) -> bool:
    """Return whether there is an effect in every framework, in one direction."""
    means = [result.comparison.difference.mean or 0 for result in results]
    return all(result.verdict in (EFFECT, SMALL_EFFECT) for result in results) and max(means) * min(means) > 0


def _select(effects: Sequence[Result], name: str) -> list[Result]:
    return [result for result in effects if result.names[0] == name]


def join(parts: Sequence[str]) -> str:
    """Return parts as a list in words."""
    return ", ".join(parts[:-1]) + " and " * (len(parts) > 1) + parts[-1]
