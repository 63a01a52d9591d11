"""Mistakes with kinds that are composed of others."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from frameworks.schedule import (
    Annealing,
    Cyclic,
    Delay,
    Interpolated,
    Linear,
    Noam,
    OneCycle,
    Override,
    Schedule,
    SpecificationError,
    Wsd,
    expanded,
)
from frameworks.schedule.named import Named
from parity.mistakes.nested import later, rebuilt
from parity.mistakes.record import About, Changed, Mistake, mistake

MISTAKES: list[Mistake] = []


def _with(s: Named, sentence: str, **fields: object) -> Changed:
    changed = s.model_copy(update=fields)
    with suppress(SpecificationError):  # not every kind can be composed of what a mistake makes
        expanded(changed)
        yield changed, sentence


@mistake("line of one less", "counting", "a linspace over the updates, both its ends included")
def _linspace(s: Linear, about: About) -> Changed:
    if s.updates > 1:
        yield from _with(s, f"the line of {s.updates} steps in {{that}} has {s.updates - 1} in {{this}}",
                         updates=s.updates - 1)


@mistake("lines for waves", "range", "points joined by lines, where waves are meant")
def _lines(s: Interpolated, about: About) -> Changed:
    if s.mode != "linear":
        yield from _with(s, f"{{this}} joins the points by lines, {{that}} by mode {s.mode}", mode="linear")


def _noam(first: int, s: Noam, about: About) -> Changed:
    if s.first != first:
        yield from _with(s, f"the first update is {first} in {{this}}, {s.first} in {{that}}", first=first)


mistake("noam from 0 for 1", "counting", "a count from 0 for one from 1: a first rate of 0")(partial(_noam, 0))
mistake("noam from 1 for 0", "counting", "a count from 1 for one from 0")(partial(_noam, 1))


@mistake("delay skips", "clock", "the schedule's own clock set forward, where it should wait")
def _skips(s: Delay, about: About) -> Changed:
    yield later(s.by, s.of), f"{{that}} waits for {s.by} updates, {{this}} leaves out the first {s.by}"


def _clock(clock: str, s: Override, about: About) -> Changed:
    if s.clock != clock:
        does = {"restart": "counts from where it begins", "keep": "goes on counting from 0"}
        yield from _with(s, f"what begins at update {s.at} {does[clock]} in {{this}}, and not in {{that}}", clock=clock)


mistake("override clock restarts", "clock",
        "a new schedule, counted from where it begins, for one counted from 0")(partial(_clock, "restart"))
mistake("override clock kept on", "clock",
        "a new schedule at the old count, for one that begins with itself")(partial(_clock, "keep"))


@mistake("peak one late", "counting", "a rise of pct_start * total_steps, for that minus 1")
def _peak(s: OneCycle, about: About) -> Changed:
    yield from _with(s, f"the rate rises for {s.rise:g} updates in {{that}}, for {s.rise + 1:g} in {{this}}",
                     rise=s.rise + 1)


@mistake("final rate one late", "counting", "a cycle that ends at total_steps, for the update before")
def _end(s: OneCycle, about: About) -> Changed:
    yield from _with(s, f"the cycle has {s.updates} updates in {{that}}, {s.updates + 1} in {{this}}",
                     updates=s.updates + 1)


@mistake("decay begins at the end", "clock", "a decay that begins where it should end")
def _late_decay(s: Wsd, about: About) -> Changed:
    yield from _with(s, f"the decay of {s.decay} updates begins {s.decay} updates late in {{this}}",
                     stable=s.stable + s.decay)


@mistake("decay counted from 1", "counting", "the first update of the decay already below the stable rate")
def _from_1(s: Wsd, about: About) -> Changed:
    if not s.decay_from:
        yield from _with(s, "the decay counts from 1 in {this}, from 0 in {that}", decay_from=1)


@mistake("root for one minus root", "range", "sqrt(1 - y) for 1 - sqrt(y)")
def _root(s: Wsd, about: About) -> Changed:
    if s.tail == "one_minus_sqrt":
        yield (_with_root(expanded(s)),
               "{this} decays by the root of what is left, {that} by 1 minus the root of what has passed")


def _with_root(s: Schedule) -> Schedule:
    """Return a copy in which every annealing follows the root of what is left."""
    if isinstance(s, Annealing):
        return s.model_copy(update={"power": 0.5, "elapsed_power": 1.0})
    return rebuilt(s, _with_root)


@mistake("lower rate halved too", "range", "a cycle halved with what it stands on")
def _low(s: Cyclic, about: About) -> Changed:
    if s.mode == "triangular2" and s.low:
        yield (expanded(s).model_copy(update={"min_lr": 0.0}),
               f"{{this}} halves all of a rate at each cycle, {{that}} what is above {s.low:g}")


@mistake("triangular for triangular2", "range", "cycles that stay as high")
def _high(s: Cyclic, about: About) -> Changed:
    if s.mode != "triangular":
        yield from _with(s, f"the cycles of {{this}} are all as high, those of {{that}} are not: {s.mode}",
                         mode="triangular")
