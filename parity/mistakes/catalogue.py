"""Lists every known mistake with a schedule.

The gate must reject each of them, `explain` searches for them, and MISTAKES.md lists them. The flags of the vectors
are their ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from frameworks.schedule import Schedule, expand
from frameworks.schedule.named import Named
from parity.mistakes import clocks, combined, curves, limits, milestones, named, precision, rounds, warmups
from parity.mistakes.nested import iterate_places, replace_at
from parity.mistakes.record import About, Mistake

_MODULES = (milestones, named, warmups, curves, rounds, combined, limits, clocks, precision)
#: By name, in the order in which `explain` prints them: the special ones first.
CATALOGUE: dict[str, Mistake] = {mistake.name: mistake for module in _MODULES for mistake in module.MISTAKES}
NOTHING_KNOWN = About()


@cache
def list_mistakes(kind: type) -> tuple[Mistake, ...]:
    """Return the mistakes that can be made with a kind of schedule, in the order of the catalogue."""
    return tuple(mistake for mistake in CATALOGUE.values() if issubclass(kind, mistake.kinds))


def make_mistake(mistake: Mistake, schedule: Schedule) -> Iterator[Schedule]:
    """Yield a schedule with a mistake, made in it or in a schedule inside it, in each possible way."""
    composed = all(issubclass(kind, Named) for kind in mistake.kinds)
    return _make(mistake, schedule if composed else expand(schedule))


def _make(mistake: Mistake, schedule: Schedule) -> Iterator[Schedule]:
    if mistake.make is not None and isinstance(schedule, mistake.kinds):
        yield from (changed for changed, _ in mistake.make(schedule, NOTHING_KNOWN))
    for place, inner in iterate_places(schedule):
        for changed in _make(mistake, inner):
            yield replace_at(schedule, place, changed)
