"""Defines mistakes with the count of updates (shifted, held too long, used up) and with the base rate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from frameworks.schedule import Constant, Factor, Hold, MultiFactor, Schedule
from frameworks.schedule.fields import MIN_POSITIVE
from parity.mistakes.nested import change_inner, constant, iterate_places, join, replace_at, shift, wrap
from parity.mistakes.record import GITHUB, About, Changed, Mistake, mistake

MISTAKES: list[Mistake] = []
#: The highest number of drops that a plot is assumed to reach.
MAX_DROPS = 200
#: A smaller relative difference of two base rates is treated as rounding, not as an overwritten rate.
ROUNDED_BASE = 1e-6
_FIRST = ("README.md", "the first update uses its scheduler's value for")
_COUNT = ("README.md", "so `t` is")


@mistake("per update for per epoch", "clock",
         "scheduler.step() runs after each batch, but the schedule counts epochs: it runs through too fast; call it "
         "once per epoch",
         "https://docs.pytorch.org/docs/stable/optim.html")
def _per_update(s: Hold, about: About) -> Changed:
    yield s.of, describe_hold(s.updates, 1)


@mistake("per epoch for per update", "clock",
         "scheduler.step() runs once per epoch, but the schedule counts updates: each rate lasts a whole epoch; call "
         "it after each update", searched=False)
def _per_epoch(s: Schedule, about: About) -> Changed:
    yield Hold.model_construct(updates=10, of=s), describe_hold(1, 10)


def describe_hold(that: int, this: int) -> str:
    """Return a sentence: for how many updates each of the two holds a rate."""
    return f"{{that}} holds each rate for {_format_updates(that)}, {{this}} for {_format_updates(this)}"


def _format_updates(n: int) -> str:
    return f"{n} update" if n == 1 else f"{n} updates"


def _epoch(by: int, s: Hold, about: About) -> Changed:
    if s.updates + by > 1:
        yield s.model_copy(update={"updates": s.updates + by}), describe_hold(s.updates, s.updates + by)


mistake("epoch one update shorter", "counting",
        "the updates of an epoch are counted as samples // batch, but the smaller last batch is trained too: each "
        "change comes early; round up")(partial(_epoch, -1))
mistake("epoch one update longer", "counting",
        "the updates of an epoch include the smaller last batch, but it is dropped: each change comes late; round "
        "down")(partial(_epoch, 1))


def _early(s: Schedule, about: About) -> Changed:
    yield shift(1, s), f"{{this}} applies {_format_rates(s)} one update before {{that}}"


def _late(s: Schedule, about: About) -> Changed:
    yield join([constant(s.lr(0)), s], [1]), f"{{this}} applies {_format_rates(s)} one update after {{that}}"


def _format_rates(s: Schedule) -> str:
    return f"each rate of its {s.kind.replace('_', ' ')}"


mistake("one update early", "counting",
        "the scheduler is stepped, or its count raised, before the first update: each rate comes one update early; "
        "step it after the update",
        f"{GITHUB}/facebookresearch/maskrcnn-benchmark/pull/740", read=_FIRST)(_early)
mistake("one update late", "counting",
        "the update is made before its rate is set: each rate comes one update late; set the rate first",
        f"{GITHUB}/marian-nmt/marian/issues/156", read=_FIRST)(_late)


def _one_epoch(make: Callable[[Schedule, About], Changed], s: Hold, about: About) -> Changed:
    if s.updates > 1:
        for changed, sentence in make(s.of, about):
            yield replace_at(s, ("of", 0), changed), f"{sentence}{describe_epochs(s)}"


def describe_epochs(s: Hold) -> str:
    """Return the end of a sentence about a mistake inside a hold."""
    return f"; each of these updates is held for {s.updates}"


mistake("one epoch early", "counting",
        "the epoch is counted from 1, the schedule from 0: each rate comes one epoch early; count both from 0")(
    partial(_one_epoch, _early))
mistake("one epoch late", "counting",
        "the epoch is counted from 0, the schedule from 1: each rate comes one epoch late; count both from 0")(
    partial(_one_epoch, _late))


@mistake("several updates early", "counting",
         "the count continues from an earlier training: each rate comes several updates early; set the count to 0",
         searched=False, read=_COUNT)
def _several_early(s: Schedule, about: About) -> Changed:
    yield shift(5, s), describe_shift(5, "before")


@mistake("several updates late", "counting",
         "some updates are made without a step of the scheduler: each rate comes several updates late; step it after "
         "each update", searched=False, read=_COUNT)
def _several_late(s: Schedule, about: About) -> Changed:
    yield join([constant(s.lr(0)), s], [5]), describe_shift(5, "after")


def describe_shift(k: int, word: str) -> str:
    """Return a sentence: by how many updates one comes before or after the other. word: `before` or `after`."""
    return f"{{this}} applies each rate {'one update' if k == 1 else f'{k} updates'} {word} {{that}}"


@mistake("counter of 31 bits", "counting",
         "a count of 31 bits starts again at 0 after 2^31 updates: the first rates are applied again; use 64 bits",
         f"{GITHUB}/tensorflow/tensorflow/issues/2859", searched=False)
def _wraps(s: Schedule, about: About) -> Changed:
    yield wrap(s, lambda of, t: of._compute_at(t % 2**31)), "{this} counts from 0 again after 2^31 updates"


@mistake("consumed by plotting", "state",
         "a scheduler that cannot go back is plotted before the training: training begins at the rate where the plot "
         "ended; plot a copy",
         "https://d2l.ai/chapter_optimization/lr-scheduler.html",
         read=("frameworks/PORTING.md", "Training starts at the plot's last rate"))
def _plotted(s: MultiFactor | Factor, about: About) -> Changed:
    drops = s.milestones[:MAX_DROPS] if isinstance(s, MultiFactor) else (
        s.every * drop for drop in range(1, MAX_DROPS + 1))
    for last in filter(None, drops):
        yield join([constant(s.lr(last)), shift(last, s)], [last]), describe_plot(last, s.lr(last))


def describe_plot(last: int, rate: float) -> str:
    """Return a sentence: at which update and rate a scheduler that cannot go back continues after a plot."""
    return (f"{{this}} applies {rate:g}, the rate of update {last}, up to that update: its scheduler cannot go "
            "back and has reached it before, as in a plot")


@mistake("base rate overwritten", "state",
         "the rate of the optimizer, often its default, replaces the base rate of the schedule: all rates start from "
         "it; give both the same rate",
         f"{GITHUB}/apache/mxnet/pull/16487",
         read=("frameworks/PORTING.md", "learning rate from ``lr_scheduler`` has been overwritten"))
def _other_base(s: Schedule, about: About) -> Changed:
    """Replace the base rate in this schedule and in all schedules inside it."""
    leaves = []
    for leaf in _iterate_leaves(s):
        leaves.append(leaf)
        if leaf.base_lr != leaves[0].base_lr:
            return
    # a constant with another base rate would explain any step of a sequence
    if not all(isinstance(leaf, Constant) for leaf in leaves):
        old = leaves[0].base_lr
        least = max(map(_find_least_base, leaves))
        for new in (rate for rate in about.rates if rate >= least and abs(rate - old) > ROUNDED_BASE * old):
            yield _with_base(s, new), f"the base rate is {new:g} in {{this}}, {old:g} in {{that}}"


def _iterate_leaves(s: Schedule) -> Iterator[Any]:
    """Yield the innermost schedules, which have a base rate."""
    if hasattr(s, "base_lr"):
        yield s
    for _, inner in iterate_places(s):
        yield from _iterate_leaves(inner)


def _find_least_base(leaf: Schedule) -> float:
    """Return the lowest allowed base rate of a schedule; above 0 where its logarithm is computed."""
    increases = getattr(leaf, "max_lr", None) is not None
    return MIN_POSITIVE if increases or getattr(leaf, "shape", "") == "exponential" else 0.0


def _with_base(s: Schedule, base_lr: float) -> Schedule:
    if hasattr(s, "base_lr"):
        return s.model_copy(update={"base_lr": base_lr})
    return change_inner(s, lambda inner: _with_base(inner, base_lr))
