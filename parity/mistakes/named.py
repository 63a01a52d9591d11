"""Defines mistakes with composed kinds."""

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
    expand,
)
from frameworks.schedule.named import Named
from parity.mistakes.nested import change_inner, shift
from parity.mistakes.record import About, Changed, Mistake, mistake

MISTAKES: list[Mistake] = []


def _with(s: Named, sentence: str, **fields: object) -> Changed:
    """Yield a copy with other fields, if it is still a valid specification."""
    changed = s.model_copy(update=fields)
    with suppress(SpecificationError):  # some changed fields are outside the limits of a kind
        expand(changed)
        yield changed, sentence


@mistake("line of one less", "counting",
         "a linspace over the updates includes both ends: the line ends one update early; divide by the number of "
         "updates")
def _linspace(s: Linear, about: About) -> Changed:
    if s.updates > 1:
        yield from _with(s, f"the line of {s.updates} steps in {{that}} has {s.updates - 1} steps in {{this}}",
                         updates=s.updates - 1)


@mistake("lines for waves", "range",
         "the points are joined by straight lines, not by cosines: the rates between the points differ; set the mode")
def _lines(s: Interpolated, about: About) -> Changed:
    if s.mode != "linear":
        yield from _with(s, f"{{this}} joins the points by lines, {{that}} by mode {s.mode!r}", mode="linear")


def _noam(first: int, s: Noam, about: About) -> Changed:
    if s.first != first:
        yield from _with(s, f"the first update is {first} in {{this}}, {s.first} in {{that}}", first=first)


mistake("noam from 0 for 1", "counting",
        "the count starts at 0, not at 1: the first rate is 0 and each other rate comes one update late; add 1 to the "
        "count")(
    partial(_noam, 0))
mistake("noam from 1 for 0", "counting",
        "the count starts at 1, not at 0: each rate comes one update early; count from 0")(partial(_noam, 1))


@mistake("delay skips", "clock",
         "the delay sets the clock of the schedule forward: its first rates are skipped, not postponed; hold its first "
         "rate")
def _skips(s: Delay, about: About) -> Changed:
    yield shift(s.by, s.of), f"{{that}} waits for {s.by} updates, {{this}} skips the first {s.by}"


def _clock(clock: str, s: Override, about: About) -> Changed:
    if s.clock != clock:
        origins = {"restart": f"update {s.at}", "keep": "update 0"}
        yield from _with(s, f"the schedule that begins at update {s.at} counts from {origins[clock]} in {{this}}, from "
                            f"{origins[s.clock]} in {{that}}", clock=clock)


mistake("override clock restarts", "clock",
        "the new schedule counts from the update at which it begins, not from update 0: its rates come late; keep the "
        "count")(partial(_clock, "restart"))
mistake("override clock kept on", "clock",
        "the new schedule counts from update 0, not from the update at which it begins: its first rates are skipped; "
        "restart the count")(partial(_clock, "keep"))


@mistake("peak one late", "counting",
         "the increase has pct_start * total_steps updates, not one fewer: the peak comes one update late; subtract 1")
def _peak(s: OneCycle, about: About) -> Changed:
    yield from _with(s, f"the rate increases for {s.rise:g} updates in {{that}}, for {s.rise + 1:g} in {{this}}",
                     rise=s.rise + 1)


@mistake("final rate one late", "counting",
         "the cycle ends at update total_steps, not one before: the final rate comes one update late; subtract 1")
def _end(s: OneCycle, about: About) -> Changed:
    yield from _with(s, f"the cycle has {s.updates} updates in {{that}}, {s.updates + 1} in {{this}}",
                     updates=s.updates + 1)


@mistake("decay begins at the end", "clock",
         "the decay begins at the update at which it should end: the stable rate lasts too long; begin the decay "
         "earlier by its length")
def _late_decay(s: Wsd, about: About) -> Changed:
    yield from _with(s, f"the decay of {s.decay} updates begins {s.decay} updates late in {{this}}",
                     stable=s.stable + s.decay)


@mistake("decay counted from 1", "counting",
         "the decay counts from 1: its first update is already below the stable rate; count from 0")
def _from_1(s: Wsd, about: About) -> Changed:
    if not s.decay_from:
        yield from _with(s, "the decay counts from 1 in {this}, from 0 in {that}", decay_from=1)


@mistake("root for one minus root", "range",
         "sqrt(1 - y) is computed, not 1 - sqrt(y): the rate decreases slowly at first, not fast; take the root of the "
         "progress y")
def _root(s: Wsd, about: About) -> Changed:
    if s.tail == "one_minus_sqrt":
        yield (_with_root(expand(s)),
               "{this} decays as the root of the remaining part, {that} as 1 minus the root of the progress")


def _with_root(s: Schedule) -> Schedule:
    """Return a copy in which every annealing follows the root of the remaining part."""
    if isinstance(s, Annealing):
        return s.model_copy(update={"power": 0.5, "elapsed_power": 1.0})
    return change_inner(s, _with_root)


@mistake("lower rate halved too", "range",
         "each cycle halves the whole rate, not only the part above the lower rate: the rate falls below it; halve the "
         "height only")
def _low(s: Cyclic, about: About) -> Changed:
    if s.mode == "triangular2" and s.low:
        yield (expand(s).model_copy(update={"min_lr": 0.0}),
               f"{{this}} halves the whole rate at each cycle, {{that}} only the part above {s.low:g}")


@mistake("triangular for triangular2", "range",
         "each cycle is as high as the first (mode triangular): later rates are too high; set the mode")
def _high(s: Cyclic, about: About) -> Changed:
    if s.mode != "triangular":
        yield from _with(s, f"all cycles of {{this}} have the same height, those of {{that}} do not: mode {s.mode!r}",
                         mode="triangular")
