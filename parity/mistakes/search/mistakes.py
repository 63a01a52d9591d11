"""Specifications changed the way a mistake would change them: one mistake, anywhere inside the nested schedules."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import chain

from frameworks.schedule import Clamp, Factor, Hold, MultiFactor, Schedule, Sequence
from parity.mistakes.search.causes import Cause
from parity.mistakes.search.curves import curve_mistakes, other_base
from parity.mistakes.search.nested import constant, following, later, replaced
from parity.mistakes.search.rounds import round_mistakes
from parity.mistakes.search.wanted import Search, Wanted, agrees, decided, nearby
from parity.mistakes.search.warmups import warmup_mistakes

#: A changed schedule, and the mistake that changed it.
Changed = Iterator[tuple[Schedule, Cause]]

#: After more drops than this no plot ends.
MAX_DROPS = 200


def mistaken(schedule: Schedule, rates: tuple[float, ...], wanted: Wanted = (), search: Search | None = None,
             ) -> Changed:
    """Make each mistake in each schedule that stands in this one, but for those that cannot be wanted.

    rates: what may be another base rate, or a floor. search: how many may be made (default: any number).
    """
    search = search or Search(sys.maxsize)
    for changed, cause in chain(
            _milestones(schedule, wanted), warmup_mistakes(schedule), _part_clocks(schedule, wanted),
            curve_mistakes(schedule, wanted), _floors(schedule, rates), _holds(schedule), round_mistakes(schedule),
            _shifts(schedule), _plotted(schedule), other_base(schedule, rates)):
        if not search.has_tries():
            return
        if agrees(changed, wanted):
            yield changed, cause
    for place, inner, inside in decided(schedule, wanted):
        for changed, cause in mistaken(inner, rates, inside, search):
            yield replaced(schedule, place, changed), _in_epochs(cause, schedule)
        if search.left <= 0:
            return


def _in_epochs(cause: Cause, schedule: Schedule) -> Cause:
    """Say what a mistake is if it was made inside a hold."""
    if not isinstance(schedule, Hold) or schedule.updates == 1:
        return cause
    name = {f"one update {word}": f"one epoch {word}" for word in ("early", "late")}.get(cause.name, cause.name)
    return Cause(name, f"{cause.sentence}; each of these updates is held for {schedule.updates}")


def _milestones(s: Schedule, wanted: Wanted) -> Changed:
    if isinstance(s, MultiFactor):
        field, does, earliest = "milestones", "drops", 0
    elif isinstance(s, Sequence):
        field, does, earliest = "boundaries", "changes", 1
    else:
        return
    whole = getattr(s, field)
    for by, name, word in ((-1, "milestone one early", "before"), (1, "milestone one late", "after")):
        for first, end in ((0, len(whole)), *((index, index + 1) for index in nearby(whole, wanted))):
            if first < end and whole[first] + by >= earliest:
                at = " at each" if end - first > 1 else f" at update {whole[first]}"
                moved = (*whole[:first], *(update + by for update in whole[first:end]), *whole[end:])
                yield (s.model_copy(update={field: moved}),
                       Cause(name, f"where {{that}} {does}{at}, {{this}} {does} one update {word}"))


def _part_clocks(s: Schedule, wanted: Wanted) -> Changed:
    for place, part, _ in decided(s, wanted) if isinstance(s, Sequence) else ():
        if place[1]:
            start = s.boundaries[place[1] - 1]
            yield (replaced(s, place, later(start, part)),
                   Cause("decay clock from 0", f"the part that begins at update {start} counts from 0 in {{this}}, and "
                                               "from its own beginning in {that}"))


def _floors(s: Schedule, rates: tuple[float, ...]) -> Changed:
    field = "min_lr" if isinstance(s, Factor | Clamp) else "final_lr"
    floor = getattr(s, field, 0.0)
    if floor and floor <= getattr(s, "base_lr", floor) and getattr(s, "shape", "") != "exponential":
        yield (s.model_copy(update={field: 0.0}),
               Cause("floor missing", f"{{that}} does not go below {field} {floor:g}, {{this}}'s way ends at 0"))
    for rate in rates if isinstance(s, Factor) else ():
        if s.min_lr < rate < s.base_lr:
            yield (s.model_copy(update={"min_lr": rate}),
                   Cause("floor added", f"{{this}} does not go below {rate:g}, {{that}} does"))


def _holds(s: Schedule) -> Changed:
    if not isinstance(s, Hold):
        return
    yield s.of, held(s.updates, 1, "per update for per epoch")
    for updates, word in ((s.updates - 1, "shorter"), (s.updates + 1, "longer")):
        if updates > 1:
            yield s.model_copy(update={"updates": updates}), held(s.updates, updates, f"epoch one update {word}")


def held(that: int, this: int, name: str) -> Cause:
    """Say for how many updates each side holds a rate."""
    return Cause(name, f"{{that}} holds each rate for {_updates(that)}, {{this}} for {_updates(this)}")


def _updates(n: int) -> str:
    return f"{n} update" if n == 1 else f"{n} updates"


def _shifts(s: Schedule) -> Changed:
    what = f"each rate of its {s.kind.replace('_', ' ')}"
    yield later(1, s), Cause("one update early", f"{{this}} applies {what} one update before {{that}}")
    yield (following([constant(s.lr(0)), s], [1]),
           Cause("one update late", f"{{this}} applies {what} one update after {{that}}"))


def _plotted(s: Schedule) -> Changed:
    drops: tuple[int, ...] = ()
    if isinstance(s, MultiFactor):
        drops = s.milestones[:MAX_DROPS]
    elif isinstance(s, Factor):
        drops = tuple(s.every * drop for drop in range(1, MAX_DROPS + 1))
    for last in drops:
        if last:
            yield (following([constant(s.lr(last)), later(last, s)], [last]),
                   plotted(last, s.lr(last)))


def plotted(last: int, rate: float) -> Cause:
    """Say from where a scheduler that only goes forward goes on."""
    return Cause("consumed by plotting", f"{{this}} keeps to the rate of update {last}, {rate:g}, until then: it only "
                                         "goes forward, and has been there before, as in a plot")
