"""Changes specifications as a mistake would change them: one mistake, anywhere inside the nested schedules."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from frameworks.schedule import Hold, Schedule
from frameworks.schedule.named import Named
from parity.mistakes.catalogue import NOTHING_KNOWN, list_mistakes
from parity.mistakes.clocks import describe_epochs
from parity.mistakes.nested import replace_at
from parity.mistakes.record import About
from parity.mistakes.search.causes import Cause
from parity.mistakes.wanted import Search, find_deciding, is_within_bounds

#: Inside a hold, an update is an epoch.
_EPOCHS = {f"one update {word}": f"one epoch {word}" for word in ("early", "late")}


def try_mistakes(schedule: Schedule, about: About = NOTHING_KNOWN, search: Search | None = None, *,
                 composed: bool = False,
                 ) -> Iterator[tuple[Schedule, Cause]]:
    """Yield what each mistake makes of a schedule and of each schedule inside it, within the wanted bounds.

    about: candidates and bounds (default: none).
    search: the number of tries (default: no limit).
    composed: make only the mistakes of composed kinds (default: False).
    """
    search = search or Search(sys.maxsize)
    for mistake in list_mistakes(type(schedule)) if not composed or isinstance(schedule, Named) else ():
        for changed, sentence in mistake.make(schedule, about) if mistake.make and mistake.searched else ():
            if not search.has_tries():
                return
            if is_within_bounds(changed, about.wanted):
                yield changed, Cause(mistake.name, sentence)
    for place, inner, inside in find_deciding(schedule, about.wanted):
        for changed, cause in try_mistakes(inner, About(about.rates, inside), search, composed=composed):
            if isinstance(schedule, Hold) and schedule.updates > 1:
                cause = Cause(_EPOCHS.get(cause.name, cause.name), f"{cause.sentence}{describe_epochs(schedule)}")
            yield replace_at(schedule, place, changed), cause
        if search.left <= 0:
            return
