"""Changes specifications as a mistake would change them: one mistake, anywhere inside the nested schedules."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from frameworks.schedule import Hold, Schedule
from frameworks.schedule.named import Named
from parity.mistakes.catalogue import NOTHING_KNOWN, of_kind
from parity.mistakes.clocks import in_epochs
from parity.mistakes.nested import replaced
from parity.mistakes.record import About
from parity.mistakes.search.causes import Cause
from parity.mistakes.wanted import Search, agrees, decided

#: Inside a hold, an update is an epoch.
_EPOCHS = {f"one update {word}": f"one epoch {word}" for word in ("early", "late")}


def mistaken(schedule: Schedule, about: About = NOTHING_KNOWN, search: Search | None = None, *, composed: bool = False,
             ) -> Iterator[tuple[Schedule, Cause]]:
    """Yield what each mistake makes of a schedule and of each schedule inside it, within the wanted bounds.

    about: candidates and bounds (default: none).
    search: the number of tries (default: no limit).
    composed: make only the mistakes of composed kinds (default: False).
    """
    search = search or Search(sys.maxsize)
    for mistake in of_kind(type(schedule)) if not composed or isinstance(schedule, Named) else ():
        for changed, sentence in mistake.make(schedule, about) if mistake.make and mistake.searched else ():
            if not search.has_tries():
                return
            if agrees(changed, about.wanted):
                yield changed, Cause(mistake.name, sentence)
    for place, inner, inside in decided(schedule, about.wanted):
        for changed, cause in mistaken(inner, About(about.rates, inside), search, composed=composed):
            if isinstance(schedule, Hold) and schedule.updates > 1:
                cause = Cause(_EPOCHS.get(cause.name, cause.name), f"{cause.sentence}{in_epochs(schedule)}")
            yield replaced(schedule, place, changed), cause
        if search.left <= 0:
            return
