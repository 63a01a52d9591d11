"""Mistakes with the count of updates itself: shifted, held too long, used up; and with the rate it all starts from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from frameworks.schedule import Constant, Factor, Hold, MultiFactor, Schedule
from frameworks.schedule.fields import MIN_POSITIVE
from parity.mistakes.nested import asked, constant, following, later, places, rebuilt, replaced
from parity.mistakes.record import GITHUB, About, Changed, Mistake, mistake

MISTAKES: list[Mistake] = []
#: After more drops than this no plot ends.
MAX_DROPS = 200
#: A base rate that is nearer to another than this share of it was not overwritten, but rounded.
ROUNDED_BASE = 1e-6
_FIRST = ("README.md", "the first update asks its scheduler for")
_COUNT = ("README.md", "so `t` is")


@mistake("per update for per epoch", "clock", "scheduler.step() inside the loop over batches for one made for epochs",
         "https://docs.pytorch.org/docs/stable/optim.html")
def _per_update(s: Hold, about: About) -> Changed:
    yield s.of, held(s.updates, 1)


@mistake("per epoch for per update", "clock", "scheduler.step() once an epoch for one made for updates",
         searched=False)
def _per_epoch(s: Schedule, about: About) -> Changed:
    yield Hold.model_construct(updates=10, of=s), held(1, 10)


def held(that: int, this: int) -> str:
    """Say for how many updates each side holds a rate."""
    return f"{{that}} holds each rate for {_updates(that)}, {{this}} for {_updates(this)}"


def _updates(n: int) -> str:
    return f"{n} update" if n == 1 else f"{n} updates"


def _epoch(by: int, s: Hold, about: About) -> Changed:
    if s.updates + by > 1:
        yield s.model_copy(update={"updates": s.updates + by}), held(s.updates, s.updates + by)


mistake("epoch one update shorter", "counting",
        "samples // batch for updates per epoch, where the last batch is kept")(partial(_epoch, -1))
mistake("epoch one update longer", "counting",
        "a last batch that is counted for updates per epoch, and left out")(partial(_epoch, 1))


def _early(s: Schedule, about: About) -> Changed:
    yield later(1, s), f"{{this}} applies {_each(s)} one update before {{that}}"


def _late(s: Schedule, about: About) -> Changed:
    yield following([constant(s.lr(0)), s], [1]), f"{{this}} applies {_each(s)} one update after {{that}}"


def _each(s: Schedule) -> str:
    return f"each rate of its {s.kind.replace('_', ' ')}"


mistake("one update early", "counting", "stepped, or counted, before the first update",
        f"{GITHUB}/facebookresearch/maskrcnn-benchmark/pull/740", read=_FIRST)(_early)
mistake("one update late", "counting", "the first update is made before its rate is set",
        f"{GITHUB}/marian-nmt/marian/issues/156", read=_FIRST)(_late)


def _one_epoch(make: Callable[[Schedule, About], Changed], s: Hold, about: About) -> Changed:
    if s.updates > 1:
        for changed, sentence in make(s.of, about):
            yield replaced(s, ("of", 0), changed), f"{sentence}{in_epochs(s)}"


def in_epochs(s: Hold) -> str:
    """The end of a sentence about what was done inside a hold."""
    return f"; each of these updates is held for {s.updates}"


mistake("one epoch early", "counting", "an epoch counted from 0 for one counted from 1")(partial(_one_epoch, _early))
mistake("one epoch late", "counting", "an epoch counted from 1 for one counted from 0")(partial(_one_epoch, _late))


@mistake("several updates early", "counting", "a count that goes on from an earlier training",
         searched=False, read=_COUNT)
def _several_early(s: Schedule, about: About) -> Changed:
    yield later(5, s), shifted(5, "before")


@mistake("several updates late", "counting", "some updates that were made without their scheduler",
         searched=False, read=_COUNT)
def _several_late(s: Schedule, about: About) -> Changed:
    yield following([constant(s.lr(0)), s], [5]), shifted(5, "after")


def shifted(k: int, word: str) -> str:
    """Say by how many updates one side is before, or after, the other."""
    return f"{{this}} applies each rate {'one update' if k == 1 else f'{k} updates'} {word} {{that}}"


@mistake("counter of 31 bits", "counting", "a count of 31 bits starts again at 2^31, and the first rates come back",
         f"{GITHUB}/tensorflow/tensorflow/issues/2859", searched=False)
def _wraps(s: Schedule, about: About) -> Changed:
    yield asked(s, lambda of, t: of._at(t % 2**31)), "{this} counts from 0 again after 2^31 updates"


@mistake("consumed by plotting", "state", "a scheduler that only goes forward, plotted before the training",
         "https://d2l.ai/chapter_optimization/lr-scheduler.html",
         read=("README.md", "a notebook's scheduler starts lower than plotted"))
def _plotted(s: MultiFactor | Factor, about: About) -> Changed:
    drops = s.milestones[:MAX_DROPS] if isinstance(s, MultiFactor) else (
        s.every * drop for drop in range(1, MAX_DROPS + 1))
    for last in filter(None, drops):
        yield following([constant(s.lr(last)), later(last, s)], [last]), plotted(last, s.lr(last))


def plotted(last: int, rate: float) -> str:
    """Say from where a scheduler that only goes forward goes on."""
    return (f"{{this}} keeps to the rate of update {last}, {rate:g}, until then: it only goes forward, and has been "
            "there before, as in a plot")


@mistake("base rate overwritten", "state", "the optimizer's own rate, often its default, for the schedule's",
         f"{GITHUB}/apache/mxnet/pull/16487",
         read=("README.md", "learning rate from ``lr_scheduler`` has been overwritten"))
def _other_base(s: Schedule, about: About) -> Changed:
    """Put another base rate in the place of one, in this schedule and all that stand in it."""
    leaves = []
    for leaf in _leaves(s):
        leaves.append(leaf)
        if leaf.base_lr != leaves[0].base_lr:
            return
    # a constant with another base rate would explain any step of a sequence
    if not all(isinstance(leaf, Constant) for leaf in leaves):
        old = leaves[0].base_lr
        least = max(map(_least_base, leaves))
        for new in (one for one in about.rates if one >= least and abs(one - old) > ROUNDED_BASE * old):
            yield _with_base(s, new), f"the base rate is {new:g} in {{this}}, {old:g} in {{that}}"


def _leaves(s: Schedule) -> Iterator[Any]:
    """The schedules in which no other stands: those with a base rate."""
    if hasattr(s, "base_lr"):
        yield s
    for _, inner in places(s):
        yield from _leaves(inner)


def _least_base(leaf: Schedule) -> float:
    """The rate that a kind must at least begin at: some take its logarithm."""
    rises = getattr(leaf, "max_lr", None) is not None
    return MIN_POSITIVE if rises or getattr(leaf, "shape", "") == "exponential" else 0.0


def _with_base(s: Schedule, base_lr: float) -> Schedule:
    if hasattr(s, "base_lr"):
        return s.model_copy(update={"base_lr": base_lr})
    return rebuilt(s, lambda inner: _with_base(inner, base_lr))
