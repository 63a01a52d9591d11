"""Every known mistake that is made with a schedule: what the gate must reject, what `explain` looks for, what each
vector is there to find, what the page of mistakes lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from frameworks.schedule import Schedule, expanded
from frameworks.schedule.named import Named
from parity.mistakes import clocks, combined, curves, limits, milestones, named, precision, rounds, warmups
from parity.mistakes.nested import places, replaced
from parity.mistakes.record import About, Mistake

_MODULES = (milestones, named, warmups, curves, rounds, combined, limits, clocks, precision)
#: By name. In the order in which `explain` tells them: the special ones first.
CATALOGUE: dict[str, Mistake] = {found.name: found for module in _MODULES for found in module.MISTAKES}
NOTHING_KNOWN = About()


@cache
def of_kind(kind: type) -> tuple[Mistake, ...]:
    """Return the mistakes that are made with a kind of schedule, in the order of the catalogue."""
    return tuple(found for found in CATALOGUE.values() if issubclass(kind, found.kinds))


def made(mistake: Mistake, schedule: Schedule) -> Iterator[Schedule]:
    """Make a mistake in a schedule and in those that stand in it, in each way."""
    composed = all(issubclass(kind, Named) for kind in mistake.kinds)
    return _made(mistake, schedule if composed else expanded(schedule))


def _made(mistake: Mistake, schedule: Schedule) -> Iterator[Schedule]:
    if mistake.make is not None and isinstance(schedule, mistake.kinds):
        yield from (changed for changed, _ in mistake.make(schedule, NOTHING_KNOWN))
    for place, inner in places(schedule):
        for changed in _made(mistake, inner):
            yield replaced(schedule, place, changed)
